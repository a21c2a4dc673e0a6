import type { Line, Listener } from './line.ts';
import type { Tally } from './tally.ts';

interface Reply {
  readonly id?: number;
  readonly result?: { readonly content?: readonly { readonly text?: string }[] };
}

/**
 * One client in a closed loop: it keeps a number of calls in flight, and every reply starts the next one.
 *
 * All callers number their calls from 1, so replies that reach the wrong client are found by their text.
 */
export class Caller implements Listener {
  private readonly sentAt = new Map<number, number>();
  private readonly name: string;
  private readonly payloadBytes: number;
  private readonly tally: Tally;
  private line: Line | undefined;
  private lastId = 0;

  constructor(name: string, payloadBytes: number, tally: Tally) {
    this.name = name;
    this.payloadBytes = payloadBytes;
    this.tally = tally;
  }

  /** How many calls have no reply yet. */
  get unanswered(): number {
    return this.sentAt.size;
  }

  /** Begins to call, so many calls at a time. */
  start(line: Line, depth: number): void {
    this.line = line;
    for (let inFlight = 0; inFlight < depth; inFlight++) this.call();
  }

  message(json: string): void {
    const { id, result } = JSON.parse(json) as Reply;
    // A notification of the server is none of our business.
    if (id === undefined) return;

    const sentAt = this.sentAt.get(id);
    if (sentAt === undefined) return this.fault(`reply to nothing: ${json}`);
    this.sentAt.delete(id);

    if (result?.content?.[0]?.text === this.textOf(id)) this.tally.reply(performance.now() - sentAt);
    else this.fault(`wrong reply: ${json}`);
    if (this.tally.calling) this.call();
  }

  fault(reason: string): void {
    this.tally.fault(`${this.name}: ${reason}`);
  }

  /** Ends, and finds fault with every reply that is missing. */
  finish(): void {
    for (const id of this.sentAt.keys()) this.fault(`no reply to ${id}`);
    this.line?.close();
  }

  private call(): void {
    const id = ++this.lastId;
    const text = this.textOf(id);

    this.sentAt.set(id, performance.now());
    this.line?.send(
      `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"echo","arguments":{"text":"${text}"}}}`,
    );
  }

  private textOf(id: number): string {
    return `${this.name} ${id} `.padEnd(this.payloadBytes, '.');
  }
}
