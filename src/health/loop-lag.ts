import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

import { CLOCK, type Clock, type Timer } from '../core/clock.js';

const INTERVAL_MS = 500;

/** How late the event loop runs, measured by a timer that should ring twice a second. */
@Injectable()
export class LoopLag implements OnModuleInit, OnModuleDestroy {
  private timer: Timer | undefined;
  private due = 0;
  private last = 0;

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Milliseconds: of the last ring, or of the one that is overdue now if that is worse. */
  get ms(): number {
    return Math.max(this.last, this.timer ? this.clock.now() - this.due : 0);
  }

  onModuleInit(): void {
    this.arm();
  }

  onModuleDestroy(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }

  private arm(): void {
    this.due = this.clock.now() + INTERVAL_MS;
    this.timer = this.clock.after(INTERVAL_MS, () => {
      this.last = Math.max(0, this.clock.now() - this.due);
      this.arm();
    });
  }
}
