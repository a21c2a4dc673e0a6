import type { Clock } from '../../../core/clock.js';
import { UnsentError } from '../../../core/errors.js';

/** What one server is told and has not taken yet, at most. */
const MAX_WAITING = 1_024;

/** Counts the messages that nobody waits for an answer to, and that are still on their way. */
export class Untaken {
  private waiting = 0;
  private none: (() => void) | undefined;

  /** @throws `upstream_overloaded` as `UnsentError` when there are too many */
  began(): void {
    if (this.waiting >= MAX_WAITING) {
      throw new UnsentError('upstream_overloaded', 'the server does not take what it is told');
    }
    this.waiting++;
  }

  /** One has been taken, or lost. */
  ended(): void {
    if (--this.waiting === 0) this.none?.();
  }

  /** Resolves when none is on its way, or after so many milliseconds. */
  async settled(clock: Clock, withinMs: number): Promise<void> {
    if (this.waiting === 0) return;
    await new Promise<void>((resolve) => {
      const timer = clock.after(withinMs, resolve);
      this.none = () => {
        timer.cancel();
        resolve();
      };
    });
  }
}
