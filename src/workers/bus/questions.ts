import { BusError, type BusFailure } from '../../core/worker-bus.js';

interface Question {
  readonly to: string;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: BusError) => void;
}

/** Questions that wait for their answers, by number. */
export class Questions {
  private readonly open = new Map<number, Question>();
  private last = 0;

  /** @param send puts it on its way under its number */
  ask(to: string, withinMs: number, send: (question: number) => void): Promise<unknown> {
    const number = ++this.last;
    return new Promise((resolve, reject) => {
      const late = (): void => this.fail(number, 'late', `no answer within ${withinMs} ms`);
      const timer = setTimeout(late, withinMs).unref();
      this.open.set(number, { to, timer, resolve, reject });
      send(number);
    });
  }

  answer(number: number, answer: unknown): void {
    this.take(number)?.resolve(answer);
  }

  fail(number: number, reason: BusFailure, message: string): void {
    this.take(number)?.reject(new BusError(reason, message));
  }

  /** Whoever it was that is asked there, nobody will answer. */
  giveUp(isGone: (to: string) => boolean): void {
    for (const [number, { to }] of this.open) if (isGone(to)) this.fail(number, 'gone', 'the worker has ended');
  }

  private take(number: number): Question | undefined {
    const question = this.open.get(number);
    if (question) clearTimeout(question.timer);
    this.open.delete(number);
    return question;
  }
}
