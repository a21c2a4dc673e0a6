import { Inject, Injectable, Optional } from '@nestjs/common';

import { PRIMARY_ID, type Topic, WORKER_BUS, type WorkerBus } from '../core/worker-bus.js';
import { REQUESTS_TOTALLED, type RequestTotals, WORKERS_LISTED, type WorkerView } from '../core/workers-view.js';

/** How long workers may take to tell. What comes later is left out. Milliseconds. */
const WITHIN_MS = 2_000;

/** What one worker said. */
export interface Told<Answer> {
  /** Its number; undefined where there is only one. */
  readonly worker: number | undefined;
  readonly answer: Answer;
}

/** Whoever serves beside this process, with it: any of them may be asked by the admin API, which is about all. */
@Injectable()
export class AllWorkers {
  constructor(@Optional() @Inject(WORKER_BUS) private readonly bus?: WorkerBus) {}

  /** Asks all, by slot; only this one where it serves alone. @param own what this one says */
  async gather<Message, Answer>(
    about: Topic<Message, Answer>,
    message: Message,
    own: (message: Message) => Answer,
  ): Promise<readonly Told<Answer>[]> {
    const { bus } = this;
    if (!bus || bus.size === 1) return [{ worker: undefined, answer: own(message) }];
    const answers = await bus.askAll(about, message, WITHIN_MS);
    return answers.flatMap(({ worker, result }) =>
      result.kind === 'answer' ? [{ worker: worker.slot, answer: result.answer }] : [],
    );
  }

  /** Answers the others. */
  tell<Message, Answer>(about: Topic<Message, Answer>, own: (message: Message) => Answer): void {
    this.bus?.on(about, own);
  }

  /** What the primary knows of the workers; undefined where there is none. @throws BusError */
  async list(): Promise<readonly WorkerView[] | undefined> {
    return this.askPrimary(WORKERS_LISTED);
  }

  /** Requests of all workers since the start, of those that have ended too; undefined where there is no primary. @throws BusError */
  async totals(): Promise<RequestTotals | undefined> {
    return this.askPrimary(REQUESTS_TOTALLED);
  }

  private async askPrimary<Answer>(about: Topic<undefined, Answer>): Promise<Answer | undefined> {
    if (!this.bus || this.bus.size === 1) return undefined;
    return this.bus.ask(about, undefined, PRIMARY_ID, WITHIN_MS * 2);
  }
}
