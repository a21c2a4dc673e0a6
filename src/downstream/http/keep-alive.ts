import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';

import { CLOCK, type Clock, type Timer } from '../../core/clock.js';

/** How long nothing is said before a comment is sent: proxies cut what is silent for a minute. Milliseconds. */
export const QUIET_MS = 15_000;
const SWEEP_MS = 500;

/** An answer that is under way. */
export interface Quiet {
  /** Monotonic milliseconds from which on it wants to be called: `QUIET_MS` after what was said last, as a rule. */
  readonly dueAt: number;
  /** Where it stands among those that are open: for `KeepAlive` to know. */
  place: number;
  /** Says something, and moves on when it is due. */
  keepAlive(): void;
}

/** One timer that lets all open answers show from time to time that they are not forgotten. */
@Injectable()
export class KeepAlive implements OnModuleDestroy {
  /** A list in which everybody knows its place: a set that turns over with every request leaves garbage that lasts. */
  private readonly open: Quiet[] = [];
  private timer: Timer | undefined;

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  now(): number {
    return this.clock.now();
  }

  add(quiet: Quiet): void {
    quiet.place = this.open.push(quiet) - 1;
    this.timer ??= this.clock.after(SWEEP_MS, this.sweep);
  }

  /** Does nothing when it is not there. */
  remove(quiet: Quiet): void {
    const { place } = quiet;
    if (this.open[place] !== quiet) return;
    const last = this.open.pop();
    if (!last || last === quiet) return;
    this.open[place] = last;
    last.place = place;
  }

  onModuleDestroy(): void {
    this.timer?.cancel();
  }

  private readonly sweep = (): void => {
    const now = this.clock.now();
    // From the last: one that leaves gives its place to one that has been called.
    for (let place = this.open.length - 1; place >= 0; place--) {
      const quiet = this.open[place];
      if (quiet && quiet.dueAt <= now) quiet.keepAlive();
    }
    this.timer = this.open.length > 0 ? this.clock.after(SWEEP_MS, this.sweep) : undefined;
  };
}
