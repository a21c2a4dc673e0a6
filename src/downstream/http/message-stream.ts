import type { Flow } from '../../core/flow.js';
import { eventId } from './event-store/event-id.js';
import type { StreamRecord } from './event-store/event-store.js';
import type { SseStream } from './sse-stream.js';

/** How long a client is asked to wait before it comes back. Milliseconds. */
export const RETRY_MS = 1_000;

/** What makes a stream one that a client can come back to. */
export interface Resumable {
  /** Unique in the session. */
  readonly name: string;
  readonly record: StreamRecord;
  /** Whether the client understands an event without data. */
  readonly primes: boolean;
  /** All was said. Called once. */
  close(): void;
}

/** Whoever speaks on a stream. */
export interface Speaker {
  /** How the client keeps up with it. */
  readonly flow: Flow;
  /** The connection is gone before all was said. */
  left(): void;
  /** The client is back, on another connection. */
  returned?(): void;
}

/**
 * One stream of messages to a client. Where it can be resumed it outlives its connection: what is said while the
 * client is away is kept for it, and a new connection takes over from the old one, so that each message travels
 * on one of them only.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#resumability-and-redelivery
 */
export class MessageStream {
  /** Undefined while the client is away. */
  private connection: SseStream | undefined;
  /** Whether the client has caught up on that connection, so that it is sent what is said. */
  private live = true;
  /** Whether the client has been handed an id that it can come back with. */
  private known = false;
  private over = false;

  constructor(
    connection: SseStream,
    private readonly speaker: Speaker,
    private readonly resumable: Resumable | undefined,
  ) {
    if (resumable?.primes) {
      connection.prime(eventId(resumable.name, 0), RETRY_MS);
      this.known = true;
    }
    this.take(connection);
  }

  get flow(): Flow {
    return this.speaker.flow;
  }

  /** The number of the newest event. */
  get last(): number {
    return this.resumable?.record.last ?? 0;
  }

  /** Whether a client can come back to it when its connection breaks. */
  get recoverable(): boolean {
    return this.known && !this.over;
  }

  /** Whether what is said reaches the client: now, or when it comes back. */
  get reaches(): boolean {
    return !this.over && (this.connection !== undefined || this.known);
  }

  send(frame: Buffer): void {
    if (this.over) return;
    const { resumable } = this;
    const number = resumable?.record.append(frame);
    if (!this.connection || !this.live) return;
    if (!resumable || number === undefined) return this.connection.send(frame);
    this.known = true;
    this.connection.send(frame, eventId(resumable.name, number));
  }

  comment(): void {
    this.connection?.comment();
  }

  /**
   * Goes on on a new connection, with what was said behind that number first.
   *
   * @param after number of the last event that the client has
   */
  async resume(connection: SseStream, after: number): Promise<void> {
    const old = this.connection;
    this.live = false;
    this.take(connection);
    old?.cut();
    connection.comment();
    for (let said = after; this.resumable && this.connection === connection && said < this.last;) {
      said = await replay(this.resumable, { connection, flow: this.flow }, said);
    }
    // What was said while that was awaited has been sent by now: nothing stands between the last look and this.
    if (this.connection !== connection) return;
    this.live = true;
    if (this.over) return connection.end();
    this.speaker.returned?.();
  }

  /** Ends it: all was said. */
  end(): void {
    if (this.over) return;
    this.over = true;
    this.resumable?.close();
    // Who is still catching up is told the rest first.
    if (this.live) this.connection?.end();
    this.flow.clear();
  }

  /** Ends the connection, and asks the client to come back where it can. */
  dismiss(): void {
    if (this.recoverable) this.connection?.retry(RETRY_MS);
    this.end();
  }

  private take(connection: SseStream): void {
    this.connection = connection;
    connection.onGone(() => {
      if (this.connection !== connection) return;
      this.connection = undefined;
      if (!this.over) this.speaker.left();
    });
  }
}

/**
 * Sends what is kept of what was said behind a number, no faster than the client takes it.
 *
 * @returns up to which number that was
 */
export async function replay(
  { name, record }: Pick<Resumable, 'name' | 'record'>,
  { connection, flow }: { readonly connection: SseStream; readonly flow: Flow },
  after: number,
): Promise<number> {
  // What is not kept any more is lost.
  let said = record.last;
  for (const { number, frame } of await record.after(after)) {
    if (flow.congested) await new Promise<void>((resolve) => flow.whenClear(resolve));
    connection.send(frame, eventId(name, number));
    said = Math.max(said, number);
  }
  return said;
}
