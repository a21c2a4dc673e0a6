/** One of the processes that serve together, or the one process where there is no other. */
export interface WorkerRef {
  /** Never given to another process again, in this start or any other: an owner can be named by it for ever. */
  readonly id: string;
  /** From 1. A worker that takes the place of one that ended has its number. */
  readonly slot: number;
}

/** The id of the process that started the workers. It is no worker, and answers on the bus all the same. */
export const PRIMARY_ID = 'primary';

/** Something that can be told or asked, by a name that all workers know it by. Whoever owns the topic makes it once, for all to import. */
export interface Topic<Message, Answer> {
  readonly name: string;
  /** Never there: keeps apart topics of one name and different content. */
  readonly typed?: (message: Message) => Answer;
}

/** @param name `noun.verb`, unique in the gateway */
export function topic<Message, Answer = void>(name: string): Topic<Message, Answer> {
  return { name };
}

/** Takes what is told or asked. What it throws fails the question, with its message and nothing else. */
export type TopicHandler<Message, Answer> = (message: Message, from: WorkerRef) => Answer | Promise<Answer>;

/** What became of a question that went to every worker. */
export interface WorkerAnswer<Answer> {
  readonly worker: WorkerRef;
  /** The answer, or why there is none. */
  readonly result:
    { readonly kind: 'answer'; readonly answer: Answer } | { readonly kind: 'failure'; readonly error: BusError };
}

/**
 * Why a question was not answered: `gone`, the worker is not there (it has ended, or never was), and nothing more will
 * be done about it; `late`, it did not answer in time and may do so yet; `failed`, it says that it could not.
 */
export type BusFailure = 'gone' | 'late' | 'failed';

/** A question that was not answered. */
export class BusError extends Error {
  override readonly name = 'BusError';

  constructor(
    readonly reason: BusFailure,
    message: string,
  ) {
    super(message);
  }
}

/**
 * How workers of one start talk to each other. Between two of them messages arrive in the order in which they were sent,
 * each once, or not at all where the other one ends meanwhile. Whatever can be cloned structurally can be sent, `Buffer`s
 * too. A message takes two hops through the primary, some 100 µs: it is for what is rare, never for every request.
 *
 * A process that serves alone has a bus as well: with nobody else on it.
 */
export interface WorkerBus {
  readonly self: WorkerRef;
  /** How many workers are configured. 1 for a process alone. */
  readonly size: number;
  /** Secret of 32 bytes that all workers of this start have, and nobody else. */
  readonly secret: Buffer;
  /** Every worker that is there, oneself included, by slot. */
  workers(): readonly WorkerRef[];
  /** Takes what comes under a topic from now on. One handler a topic. Returns how to stop. @throws TypeError for a second one */
  on<Message, Answer>(topic: Topic<Message, Answer>, handler: TopicHandler<Message, Answer>): () => void;
  /** Sends to one worker, or to all others; who has no handler for it does not notice. What a handler gives back is lost. */
  tell<Message, Answer>(topic: Topic<Message, Answer>, message: Message, to?: string): void;
  /**
   * Asks one worker, which may be oneself, or the primary.
   *
   * @param withinMs milliseconds
   * @throws BusError
   */
  ask<Message, Answer>(topic: Topic<Message, Answer>, message: Message, to: string, withinMs: number): Promise<Answer>;
  /** Asks every worker that is there, oneself included; the answers are in the order of their slots. Never rejects. */
  askAll<Message, Answer>(
    topic: Topic<Message, Answer>,
    message: Message,
    withinMs: number,
  ): Promise<readonly WorkerAnswer<Answer>[]>;
  /** Calls back for every worker that has ended; what it owned has no owner any more. Returns how to stop. */
  onLeft(listener: (worker: WorkerRef) => void): () => void;
}

/** Bound by the top level. */
export const WORKER_BUS = Symbol('WorkerBus');
