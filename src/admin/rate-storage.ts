import type { ThrottlerStorage } from '@nestjs/throttler';

import type { RateCounter } from '../storage/index.js';

type Increment = ThrottlerStorage['increment'];

/** Counts what `@nestjs/throttler` counts where all other rates are counted. */
export class RateStorage implements ThrottlerStorage {
  constructor(private readonly rates: RateCounter) {}

  /** The times of an answer are whole seconds; whoever is blocked is so no longer than until it is its turn. */
  async increment(...[key, ttl, limit]: Parameters<Increment>): ReturnType<Increment> {
    const taken = await this.rates.take(`rate:admin:${key}`, { count: limit, periodMs: ttl, burst: limit });
    const { allowed, remaining, retryAfterMs, resetAfterMs } = taken;
    return {
      totalHits: allowed ? limit - remaining : limit + 1,
      timeToExpire: Math.ceil(resetAfterMs / 1_000),
      isBlocked: !allowed,
      timeToBlockExpire: Math.ceil(retryAfterMs / 1_000),
    };
  }
}
