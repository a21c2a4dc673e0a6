import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';

import { ConfigService } from '../../config/index.js';
import { CLOCK, type Clock, type Timer } from '../../core/clock.js';
import { ServerSection } from '../server.section.js';

const SPOKES = 30;

export interface Beating {
  /** Where it is on the wheel. The wheel writes it. */
  spoke: number;
  beat(): void;
}

/** One timer for the pings of all connections, spread evenly over the interval. */
@Injectable()
export class PingWheel implements OnModuleDestroy {
  private readonly spokes = Array.from({ length: SPOKES }, () => new Set<Beating>());
  private readonly tickMs: number;
  private size = 0;
  private entered = 0;
  private at = 0;
  private timer: Timer | undefined;

  constructor(
    @Inject(CLOCK) readonly clock: Clock,
    config: ConfigService,
  ) {
    this.tickMs = config.get(ServerSection).pingInterval / SPOKES;
  }

  /** Lets it beat once each interval. */
  add(beating: Beating): void {
    beating.spoke = this.entered++ % SPOKES;
    this.spokes[beating.spoke]?.add(beating);
    this.size++;
    this.timer ??= this.clock.after(this.tickMs, this.turn);
  }

  /** Lets it rest. */
  remove(beating: Beating): void {
    if (this.spokes[beating.spoke]?.delete(beating)) this.size--;
  }

  onModuleDestroy(): void {
    this.timer?.cancel();
  }

  private readonly turn = (): void => {
    this.at = (this.at + 1) % SPOKES;
    for (const beating of this.spokes[this.at] ?? []) beating.beat();
    this.timer = this.size > 0 ? this.clock.after(this.tickMs, this.turn) : undefined;
  };
}
