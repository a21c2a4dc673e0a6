import type { Clock, Timer } from '../../../src/core/clock.js';
import { systemClock } from '../../../src/system-clock.js';

interface Pending {
  readonly at: number;
  readonly timer: Timer;
  readonly callback: () => void;
}

/** The time of the machine, which a test can put forward. */
export class LeapingClock implements Clock {
  private ahead = 0;
  private readonly pending = new Set<Pending>();

  now(): number {
    return systemClock.now() + this.ahead;
  }

  turn(): number {
    return systemClock.turn() + this.ahead;
  }

  wall(): number {
    return systemClock.wall() + this.ahead;
  }

  after(ms: number, callback: () => void): Timer {
    const timer = systemClock.after(ms, () => this.run(pending));
    const pending: Pending = { at: this.now() + ms, timer, callback };
    this.pending.add(pending);
    return { cancel: () => this.drop(pending) };
  }

  /** So many milliseconds are over at once. */
  leap(ms: number): void {
    this.ahead += ms;
    for (const pending of [...this.pending].toSorted((a, b) => a.at - b.at)) {
      if (pending.at <= this.now() && this.pending.has(pending)) this.run(pending);
    }
  }

  private run(pending: Pending): void {
    this.drop(pending);
    pending.callback();
  }

  private drop(pending: Pending): void {
    pending.timer.cancel();
    this.pending.delete(pending);
  }
}
