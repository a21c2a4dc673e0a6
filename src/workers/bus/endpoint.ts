import {
  BusError,
  PRIMARY_ID,
  type Topic,
  type TopicHandler,
  type WorkerAnswer,
  type WorkerBus,
  type WorkerRef,
} from '../../core/worker-bus.js';
import type { Frame } from './frame.js';
import { Questions } from './questions.js';

type AnyHandler = TopicHandler<unknown, unknown>;

/** What a process knows of itself and the others when it comes to the bus. */
export interface Place {
  readonly self: WorkerRef;
  readonly size: number;
  readonly secret: Buffer;
}

/** One process on the bus. What it sends goes to `post`; what comes for it is handed to `take`. */
export class Endpoint implements WorkerBus {
  private readonly handlers = new Map<string, AnyHandler>();
  private readonly leavers = new Set<(worker: WorkerRef) => void>();
  private readonly questions = new Questions();
  private members: readonly WorkerRef[];

  constructor(
    private readonly place: Place,
    private readonly post: (frame: Frame) => void,
  ) {
    this.members = place.self.id === PRIMARY_ID ? [] : [place.self];
  }

  get self(): WorkerRef {
    return this.place.self;
  }

  get size(): number {
    return this.place.size;
  }

  get secret(): Buffer {
    return this.place.secret;
  }

  workers(): readonly WorkerRef[] {
    return this.members;
  }

  on<Message, Answer>({ name }: Topic<Message, Answer>, handler: TopicHandler<Message, Answer>): () => void {
    if (this.handlers.has(name)) throw new TypeError(`topic ${name} has a handler already`);
    this.handlers.set(name, handler as AnyHandler);
    return () => this.handlers.delete(name);
  }

  tell<Message, Answer>({ name }: Topic<Message, Answer>, message: Message, to?: string): void {
    const frame: Frame = { kind: 'tell', topic: name, message, to, from: this.self };
    if (to === this.self.id) void this.handle(frame).catch(() => undefined);
    else if (this.hasOthers) this.post(frame);
  }

  async ask<Message, Answer>(
    { name }: Topic<Message, Answer>,
    message: Message,
    to: string,
    withinMs: number,
  ): Promise<Answer> {
    const { self } = this;
    if (to !== self.id && !this.isThere(to)) throw new BusError('gone', 'there is no such worker');
    const answered = this.questions.ask(to, withinMs, (question) => {
      const frame: Frame = { kind: 'ask', topic: name, message, to, from: self, question };
      if (to === self.id) this.take(frame);
      else this.post(frame);
    });
    return (await answered) as Answer;
  }

  askAll<Message, Answer>(
    about: Topic<Message, Answer>,
    message: Message,
    withinMs: number,
  ): Promise<readonly WorkerAnswer<Answer>[]> {
    const asked = this.members.map((worker) =>
      this.ask(about, message, worker.id, withinMs).then(
        (answer): WorkerAnswer<Answer> => ({ worker, result: { kind: 'answer', answer } }),
        (error: BusError): WorkerAnswer<Answer> => ({ worker, result: { kind: 'failure', error } }),
      ),
    );
    return Promise.all(asked);
  }

  onLeft(listener: (worker: WorkerRef) => void): () => void {
    this.leavers.add(listener);
    return () => this.leavers.delete(listener);
  }

  /** Something came for this process. */
  take(frame: Frame): void {
    switch (frame.kind) {
      case 'tell':
        // There is nobody to tell of it.
        void this.handle(frame).catch(() => undefined);
        return;
      case 'ask':
        void this.answer(frame);
        return;
      case 'answer':
        return this.questions.answer(frame.question, frame.answer);
      case 'failure':
        return this.questions.fail(frame.question, frame.reason, frame.message);
      case 'members':
        return this.meet(frame.workers);
    }
  }

  private async handle({
    topic,
    message,
    from,
  }: Pick<Frame & { kind: 'tell' }, 'topic' | 'message' | 'from'>): Promise<unknown> {
    return this.handlers.get(topic)?.(message, from);
  }

  private async answer(frame: Frame & { kind: 'ask' }): Promise<void> {
    const { topic, question, from } = frame;
    let reply: Frame;
    try {
      if (!this.handlers.has(topic)) throw new TypeError(`nobody answers ${topic} here`);
      reply = { kind: 'answer', to: from.id, question, answer: await this.handle(frame) };
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      reply = { kind: 'failure', to: from.id, question, reason: 'failed', message };
    }
    if (from.id === this.self.id) this.take(reply);
    else this.post(reply);
  }

  private meet(workers: readonly WorkerRef[]): void {
    const left = this.members.filter(({ id }) => !workers.some((worker) => worker.id === id));
    this.members = workers;
    this.questions.giveUp((to) => !this.isThere(to));
    for (const worker of left) for (const listener of this.leavers) listener(worker);
  }

  private isThere(id: string): boolean {
    if (id === this.self.id) return true;
    return id === PRIMARY_ID ? this.size > 1 : this.members.some((worker) => worker.id === id);
  }

  private get hasOthers(): boolean {
    return this.size > 1;
  }
}
