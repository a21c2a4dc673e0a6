import type { Clock } from '../core/clock.js';
import { type Pace, step } from '../core/gcra.js';

/** Measures how fast one connection brings something. One time stamp, and nothing to wait for. */
export class FrameMeter {
  private tat = Number.NEGATIVE_INFINITY;

  constructor(private readonly clock: Pick<Clock, 'turn'>) {}

  /** Counts one more. Whether it comes too fast; never where there is no pace to keep. */
  exceeds(pace: Pace | undefined): boolean {
    if (!pace) return false;
    const now = this.clock.turn();
    // What was owed at a slower pace, before a reload, is cut down to what this one knows.
    const paced = step(Math.min(this.tat, now + pace.toleranceMs), now, pace);
    this.tat = paced.tat;
    return !paced.allowed;
  }
}
