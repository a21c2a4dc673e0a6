import { Inject, Injectable, Optional } from '@nestjs/common';

import type { GatewayError } from '../core/errors.js';
import type { Pace } from '../core/gcra.js';
import { NO_RATE_GATE, RATE_GATE, type RateGate, type Sender } from '../core/rate-gate.js';

/** Whether new work is taken, from whom, and how much is under way. */
@Injectable()
export class Intake {
  private active = 0;
  private closed = false;
  private waiting: (() => void)[] = [];

  constructor(@Optional() @Inject(RATE_GATE) private readonly rates: RateGate = NO_RATE_GATE) {}

  /** True from the moment the gateway was told to stop. */
  get draining(): boolean {
    return this.closed;
  }

  /** Exchanges that wait for their reply. */
  get inFlight(): number {
    return this.active;
  }

  /** How many messages of any kind one connection may bring before it is closed. Undefined where that is not limited. */
  get messagePace(): Pace | undefined {
    return this.rates.messagePace;
  }

  /** Why a request that is answered where it came in is one too many. */
  tooSoon(sender: Sender): GatewayError | undefined {
    return this.rates.refusal(sender);
  }

  enter(): void {
    this.active++;
  }

  leave(): void {
    this.active--;
    if (this.active > 0 || this.waiting.length === 0) return;
    for (const callback of this.waiting.splice(0)) callback();
  }

  close(): void {
    this.closed = true;
  }

  /** Calls back once, as soon as nothing is under way. */
  whenIdle(callback: () => void): void {
    if (this.active === 0) callback();
    else this.waiting.push(callback);
  }
}
