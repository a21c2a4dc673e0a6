import { answerOf, paceOfRate } from '../rate-answer.js';
import type { Rate, RateCounter, Taken } from '../rate-counter.js';
import type { RedisLink } from './redis-link.js';

/** Counts in Redis while it is there, and in this process while it is not: nobody waits for it twice. */
export class RedisRateCounter implements RateCounter {
  /** @param now milliseconds, the same for all who count; left out, the time of Redis */
  constructor(
    private readonly link: Pick<RedisLink, 'up' | 'gcra'>,
    private readonly local: RateCounter,
    private readonly now?: () => number,
  ) {}

  take(key: string, rate: Rate, cost = 1): Taken | Promise<Taken> {
    return this.link.up ? this.ask(key, rate, cost) : this.local.take(key, rate, cost);
  }

  private async ask(key: string, rate: Rate, cost: number): Promise<Taken> {
    const pace = paceOfRate(rate);
    const now = this.now ? String(this.now()) : '';
    const answer = await this.link.gcra(key, pace.intervalMs, pace.toleranceMs, cost, now);
    if (!answer) return this.local.take(key, rate, cost);
    const [allowed, debtMs, earlyMs] = answer;
    return answerOf({ allowed: allowed === 1, tat: Number(debtMs), retryAfterMs: Number(earlyMs) }, 0, pace);
  }
}
