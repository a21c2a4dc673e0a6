import type { Clock } from '../../core/clock.js';

/** How long nothing more must have come, and how long the first may have waited, in milliseconds. */
export interface CoalescerSettings {
  readonly quiet: number;
  readonly longest: number;
}

/** Makes one out of many calls that come close together. */
export class Coalescer {
  private first = 0;
  private last = 0;
  private waiting = false;

  constructor(
    private readonly clock: Clock,
    private readonly settings: CoalescerSettings,
    private readonly flush: () => void,
  ) {}

  touch(): void {
    this.last = this.clock.now();
    if (this.waiting) return;
    this.waiting = true;
    this.first = this.last;
    this.wait();
  }

  /** One timer at a time, however many calls come meanwhile. */
  private wait(): void {
    const due = Math.min(this.last + this.settings.quiet, this.first + this.settings.longest);
    const left = due - this.clock.now();
    if (left > 0) {
      this.clock.after(left, () => this.wait());
      return;
    }
    this.waiting = false;
    this.flush();
  }
}
