import type { Clock, Timer } from './clock.js';

/**
 * One timer for the deadlines of many: armed for the earliest, and armed again when it has come. Most
 * deadlines are never reached, so whoever is done in time costs nothing here.
 */
export class DeadlineSweep<T extends { readonly deadline: number }> {
  private timer: Timer | undefined;
  private armedFor = Number.POSITIVE_INFINITY;

  /**
   * @param watched everybody who is waiting now
   * @param expired must take its argument out of what is watched
   * @param graceMs how long after its deadline somebody is late
   */
  constructor(
    private readonly clock: Clock,
    private readonly watched: () => Iterable<T>,
    private readonly expired: (late: T) => void,
    private readonly graceMs = 0,
  ) {}

  /** Somebody who waits until then has come. Monotonic milliseconds. */
  watch(deadline: number): void {
    if (deadline >= this.armedFor) return;
    this.timer?.cancel();
    this.armedFor = deadline;
    this.timer = this.clock.after(Math.max(0, deadline + this.graceMs - this.clock.now()), () => this.sweep());
  }

  close(): void {
    this.timer?.cancel();
    this.armedFor = Number.POSITIVE_INFINITY;
  }

  private sweep(): void {
    this.armedFor = Number.POSITIVE_INFINITY;
    const now = this.clock.now() - this.graceMs;
    const late: T[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const each of this.watched()) {
      if (each.deadline <= now) late.push(each);
      else next = Math.min(next, each.deadline);
    }
    for (const each of late) this.expired(each);
    if (next < Number.POSITIVE_INFINITY) this.watch(next);
  }
}
