import type { Clock, Timer } from '../../src/core/clock.js';

interface Pending extends Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Time that stands still until a test moves it. */
export class ManualClock implements Clock {
  private elapsed = 0;
  private pending: Pending[] = [];

  /** @param startWall milliseconds since 1970 at the start */
  constructor(private readonly startWall = Date.UTC(2026, 0, 1)) {}

  now(): number {
    return this.elapsed;
  }

  /** Time only moves between turns. */
  turn(): number {
    return this.elapsed;
  }

  wall(): number {
    return this.startWall + this.elapsed;
  }

  after(ms: number, callback: () => void): Timer {
    const timer: Pending = {
      at: this.elapsed + ms,
      callback,
      cancel: () => {
        this.pending = this.pending.filter((other) => other !== timer);
      },
    };
    this.pending.push(timer);
    return timer;
  }

  /** How many timers wait. */
  get timers(): number {
    return this.pending.length;
  }

  /** Lets so many milliseconds pass and runs what is due, in order of time. */
  advance(ms: number): void {
    const target = this.elapsed + ms;
    for (;;) {
      const due = this.pending.filter(({ at }) => at <= target).toSorted((a, b) => a.at - b.at)[0];
      if (!due) break;
      due.cancel();
      this.elapsed = Math.max(this.elapsed, due.at);
      due.callback();
    }
    this.elapsed = target;
  }
}
