import type { JsonObject } from '../../../src/core/json.js';
import type { Isolation } from '../../../src/upstream/index.js';
import { BothLegs, type BothLegsClient, settled } from '../../support/both-legs.ts';
import type { TestWire } from '../../support/test-wire.ts';

export type Act = 'call' | 'reply' | 'progress' | 'log' | 'ask' | 'answer' | 'steal' | 'cancel' | 'withdraw' | 'drop';

export interface Step {
  readonly does: Act;
  readonly client: number;
  readonly whom: number;
}

/** All clients count alike. */
const IDS = [1, '1', 2] as const;
const CLIENTS = 5;
/** Those that nothing can be asked of; they come first. */
const PLAIN_CLIENTS = 2;

/** One request: the `n`th of all. */
interface Asked {
  readonly n: number;
  readonly client: number;
  readonly id: string | number;
  isCancelled: boolean;
}

/** The request as the server knows it. */
interface Served extends Asked {
  readonly wire: TestWire;
  readonly wireId: number;
  isReplied: boolean;
}

interface Question {
  readonly wire: TestWire;
  readonly id: number;
  readonly of: number;
  /** Whether it said itself which request it was for, and that was not over. */
  readonly isBound: boolean;
  isWithdrawn: boolean;
}

/** Many clients that ask, a server that replies, tells and asks, and what of it is for whom. */
export class Interleaving {
  readonly asked: Asked[] = [];
  readonly served: Served[] = [];
  readonly questions: Question[] = [];
  /** Questions that outlived the request they were for. */
  leftOpen: readonly Question[] = [];
  readonly dropped = new Map<number, number>();
  clients: BothLegsClient[] = [];
  private house!: BothLegs;
  /** Progress grows. */
  private told = 0;

  static async begin(isolation: Isolation, knowsOrigin: boolean): Promise<Interleaving> {
    const run = new Interleaving();
    run.house = await BothLegs.start(isolation, knowsOrigin);
    run.clients = Array.from({ length: CLIENTS }, (_, n) =>
      run.house.client(`c${n}`, { duplex: n % 2 === 0, capabilities: n < PLAIN_CLIENTS ? {} : { elicitation: {} } }),
    );
    return run;
  }

  async take({ does, client, whom }: Step): Promise<void> {
    const one = this.served[whom % Math.max(1, this.served.length)];
    const asked = this.asked[whom % Math.max(1, this.asked.length)];
    if (does === 'call') this.call(client, whom);
    else if (does === 'drop') this.drop(client, whom);
    else if (does === 'answer' || does === 'steal') this.answer(does, client, whom);
    else if (does === 'cancel' && asked) this.cancel(asked);
    else if (does === 'withdraw') this.withdraw(whom);
    else if (one && !one.wire.closed) this.speak(does, one);
    await settled();
    this.serve();
  }

  /** Everything that is open is replied to, and everybody leaves. */
  async end(): Promise<void> {
    while (this.served.some(({ isReplied, wire }) => !isReplied && !wire.closed)) {
      for (const one of this.served) if (!one.isReplied && !one.wire.closed) this.speak('reply', one);
      await settled();
      this.serve();
    }
    this.leftOpen = this.questions.filter(
      (each) => each.isBound && !each.isWithdrawn && this.answersTo(each).length === 0,
    );
    for (const { session } of this.clients) session.end();
    await settled();
  }

  answersTo({ wire, id }: Question): JsonObject[] {
    return wire.sent.filter((message) => message['id'] === id && !('method' in message));
  }

  private call(client: number, whom: number): void {
    const { session } = this.clients[client]!;
    const id = IDS[whom % IDS.length]!;
    if (session.ended || session.inFlight.has(id)) return;
    const n = this.asked.length;
    this.asked.push({ n, client, id, isCancelled: false });
    const params = { name: 't', arguments: { n }, _meta: { progressToken: id } };
    this.clients[client]!.send({ id, method: 'tools/call', params });
  }

  /** Takes in what has come to the server. */
  private serve(): void {
    for (const wire of this.house.wires) {
      for (const { id, method, params } of wire.sent) {
        if (method !== 'tools/call') continue;
        const { n } = (params as { arguments: { n: number } }).arguments;
        if (this.served.some((known) => known.wire === wire && known.wireId === id)) continue;
        this.served.push(Object.assign(this.asked[n]!, { wire, wireId: id as number, isReplied: false }));
      }
    }
  }

  private speak(does: Act, one: Served): void {
    const { wire, wireId: id, n } = one;
    const origin = wire.knowsOrigin ? id : undefined;
    if (does === 'reply') {
      one.isReplied = true;
      wire.say({ id, result: { n } }, origin);
    } else if (does === 'progress') {
      const progress = ++this.told;
      wire.say(
        { method: 'notifications/progress', params: { progressToken: id, progress, message: String(n) } },
        origin,
      );
    } else if (this.isPlain(one)) {
      if (does === 'log')
        return wire.say({ method: 'notifications/message', params: { level: 'info', data: n } }, origin);
      const question = {
        wire,
        id: this.questions.filter((each) => each.wire === wire).length,
        of: n,
        isBound: wire.knowsOrigin && !one.isReplied && !one.isCancelled,
        isWithdrawn: false,
      };
      this.questions.push(question);
      const params = { message: String(n), requestedSchema: { type: 'object', properties: {} } };
      wire.say({ id: question.id, method: 'elicitation/create', params }, origin);
    }
  }

  /** Whether it can be known for whom something is that does not say so itself. */
  private isPlain({ wire, isReplied, isCancelled, client }: Served): boolean {
    if (wire.knowsOrigin) return true;
    // Where several that can be asked share a session, it serves one call at a time.
    if (wire !== this.house.wires[0] && client >= PLAIN_CLIENTS && !isReplied && !isCancelled) return true;
    const here = this.served.filter((each) => each.wire === wire);
    const open = here.filter((each) => !each.isReplied);
    return new Set(here.map((each) => each.client)).size === 1 || (open.length === 1 && !isReplied);
  }

  private answer(does: Act, client: number, whom: number): void {
    const questioned = does === 'steal' ? this.clients : [this.clients[client]!];
    const known = questioned.flatMap(({ heard }) =>
      heard.filter(({ message }) => message['method'] === 'elicitation/create'),
    );
    const one = known[whom % Math.max(1, known.length)]?.message;
    if (!one) return;
    const to = (one['params'] as { message: string }).message;
    this.clients[client]!.send({ id: one['id'], result: { action: 'accept', content: { by: client, to } } });
  }

  private cancel(asked: Asked): void {
    const { session } = this.clients[asked.client]!;
    const later = this.asked.some(({ n, client, id }) => n > asked.n && client === asked.client && id === asked.id);
    if (later || session.ended || !session.inFlight.has(asked.id)) return;
    asked.isCancelled = true;
    this.clients[asked.client]!.send({ method: 'notifications/cancelled', params: { requestId: asked.id } });
  }

  private withdraw(whom: number): void {
    const question = this.questions[whom % Math.max(1, this.questions.length)];
    if (!question || question.wire.closed) return;
    question.isWithdrawn = true;
    question.wire.say({ method: 'notifications/cancelled', params: { requestId: question.id } });
  }

  private drop(client: number, whom: number): void {
    const { session, heard } = this.clients[client]!;
    // Not so often that nobody is left.
    if (session.ended || whom % 4 > 0) return;
    session.end();
    this.dropped.set(client, heard.length);
  }
}
