import { hash } from 'node:crypto';

import { Inject, Injectable } from '@nestjs/common';

import { ConfigService } from '../config/index.js';
import { subnetOf } from '../core/subnet.js';
import { LOCAL_RATES, type Rate, type RateCounter, type Taken } from '../storage/index.js';
import { AuthSection } from './auth.section.js';

const PERIOD_MS = 60_000;

/**
 * Counts bad credentials by the address that they come from and by whom they claim to be of, so that nobody guesses
 * from many addresses either. A good credential is never counted and never held up.
 */
@Injectable()
export class FailureLimiter {
  constructor(
    private readonly config: ConfigService,
    @Inject(LOCAL_RATES) private readonly rates: RateCounter,
  ) {}

  /** One more failure. Milliseconds to wait where there were too many, else 0. */
  count(address: string, claimant: string | undefined): number | Promise<number> {
    const { failedPerMinute } = this.config.get(AuthSection);
    const rate: Rate = { count: failedPerMinute, periodMs: PERIOD_MS, burst: failedPerMinute };
    const taken = this.rates.take(`auth:from:${subnetOf(address)}`, rate);
    return taken instanceof Promise
      ? taken.then((known) => this.countClaim(known, claimant, rate))
      : this.countClaim(taken, claimant, rate);
  }

  /** Whoever is held up anyway counts against nobody else, and fills no table with names that it makes up. */
  private countClaim(from: Taken, claimant: string | undefined, rate: Rate): number | Promise<number> {
    if (!from.allowed || claimant === undefined) return waitOf(from);
    const taken = this.rates.take(`auth:of:${hash('sha256', claimant, 'base64')}`, rate);
    return taken instanceof Promise ? taken.then(waitOf) : waitOf(taken);
  }
}

function waitOf({ allowed, retryAfterMs }: Taken): number {
  return allowed ? 0 : Math.max(1, retryAfterMs);
}
