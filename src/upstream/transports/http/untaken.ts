import type { Clock } from '../../../core/clock.js';
import { UnsentError } from '../../../core/errors.js';

/** What one server is told and has not taken yet, at most, beside what each of its requests may need. */
const MAX_WAITING = 1_024;
/** A request may be answered for and be cancelled at once: none of it must be lost because others are as well. */
const FOR_EACH_REQUEST = 2;

/** Counts the messages that nobody waits for an answer to, and that are still on their way. */
export class Untaken {
  private readonly max: number;
  private waiting = 0;
  private none: (() => void) | undefined;

  /** @param maxInFlight requests that the server may have at once */
  constructor(maxInFlight: number) {
    this.max = MAX_WAITING + FOR_EACH_REQUEST * maxInFlight;
  }

  /** @throws `upstream_overloaded` as `UnsentError` when there are too many */
  began(): void {
    if (this.waiting >= this.max) {
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
