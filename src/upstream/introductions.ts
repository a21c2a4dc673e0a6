import type { Clock } from '../core/clock.js';

/** Who waits until a server of a group is introduced. */
export class Introductions {
  private readonly waiting = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  /** Resolves with the next one, at the latest at the deadline. Monotonic milliseconds. */
  next(deadline: number): Promise<void> {
    const wait = deadline - this.clock.now();
    if (wait <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel();
        this.waiting.delete(done);
        resolve();
      };
      const timer = this.clock.after(wait, done);
      this.waiting.add(done);
    });
  }

  /** A server was introduced. */
  happened(): void {
    for (const done of this.waiting) done();
  }
}
