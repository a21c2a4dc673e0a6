import { HeaderedError } from '../core/errors.js';
import type { RateScope } from '../core/events.js';
import { type Pace, paceOf } from '../core/gcra.js';
import type { Rate, Taken } from '../storage/index.js';

const MINUTE_MS = 60_000;

/** One configured limit: how much of what. */
export class Limit {
  readonly rate: Rate;

  constructor(
    readonly scope: RateScope,
    readonly requestsPerMinute: number,
    burstSize: number,
  ) {
    this.rate = Object.freeze({ count: requestsPerMinute, periodMs: MINUTE_MS, burst: burstSize });
  }

  /** The same limit, so many times wider. */
  paceTimes(factor: number): Pace {
    const { count, periodMs, burst } = this.rate;
    return paceOf(count * factor, periodMs, burst * factor);
  }

  /**
   * What whoever is held up is told, in words for programs and, over HTTP, in headers.
   *
   * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
   */
  refusal({ remaining, retryAfterMs }: Taken): HeaderedError {
    const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
    const { scope, requestsPerMinute } = this;
    const headers = {
      'retry-after': String(seconds),
      'ratelimit-policy': `"${scope}";q=${requestsPerMinute};w=60`,
      ratelimit: `"${scope}";r=${remaining};t=${seconds}`,
    };
    const data = { retryAfterMs: Math.max(1, Math.ceil(retryAfterMs)), scope };
    return new HeaderedError('limit_rate', 'too many requests', headers, data);
  }
}
