import type { Clock, Timer } from '../core/clock.js';
import { type Lease, type LeaseRequest, RATE_LEASED, RATES_RETURNED } from '../core/rate-lease.js';
import { PRIMARY_ID, type WorkerBus } from '../core/worker-bus.js';
import type { Rate, RateCounter, Taken } from './rate-counter.js';

/** What nobody used for so long is given back. Milliseconds. */
const HOLD_MS = 1_000;
/** How much longer a lease is good than the rate needs for as many: or it would hardly be worth it where that is nothing. Milliseconds. */
const GRACE_MS = 50;
/** How long the primary may take. Milliseconds. */
const WITHIN_MS = 2_000;
const MAX_KEYS = 100_000;
/** Sums of times are not exact. */
const ROUNDING = 1e-6;

/** What this worker may let through under one key without asking. */
interface Holding {
  rate: Rate;
  left: number;
  /** Until then nothing is let through, and nobody asked. Monotonic milliseconds. */
  refusedUntil: number;
  usedAt: number;
  /** As the primary said last: what is left for others, and until when all is there again. */
  remaining: number;
  resetAt: number;
  asking: Promise<void> | undefined;
}

/**
 * Counts together with the other workers: the primary keeps the rates, and each worker leases from it what it lets
 * through, several at a time, so that most are counted here and at once. What is leased is taken from the rate, and good
 * until as many have come in again, so all workers together never let through more; a client that comes to several of them may find up to half of its burst
 * leased to another, until a second after that one used it last.
 */
export class LeasedRateCounter implements RateCounter {
  private readonly holdings = new Map<string, Holding>();
  private sweeping: Timer | undefined;

  /** @param fallback counts when the primary does not answer */
  constructor(
    private readonly bus: WorkerBus,
    private readonly clock: Pick<Clock, 'now' | 'after'>,
    private readonly fallback: RateCounter,
  ) {}

  take(key: string, rate: Rate, cost = 1): Taken | Promise<Taken> {
    const now = this.clock.now();
    const holding = this.holdings.get(key) ?? this.open(key, rate, now);
    holding.usedAt = now;
    if (!isSame(holding.rate, rate)) this.change(key, holding, rate);
    if (now < holding.refusedUntil) return answer(holding, false, now);
    holding.left = stillGood(holding, now, GRACE_MS);
    if (holding.left < cost) return this.askFirst(key, holding, cost);
    holding.left -= cost;
    return answer(holding, true, now);
  }

  private async askFirst(key: string, holding: Holding, cost: number): Promise<Taken> {
    try {
      await (holding.asking ??= this.lease(key, holding, cost).finally(() => (holding.asking = undefined)));
    } catch {
      return this.fallback.take(key, holding.rate, cost);
    }
    // Others may have waited for the same lease, and used it up.
    return this.take(key, holding.rate, cost);
  }

  private async lease(key: string, holding: Holding, cost: number): Promise<void> {
    const { rate } = holding;
    const wanted = Math.max(cost, portionOf(rate, this.bus.size));
    const lease = await this.bus.ask(RATE_LEASED, { key, ...rate, cost, wanted }, PRIMARY_ID, WITHIN_MS);
    if (isSame(holding.rate, rate)) this.note(holding, lease);
  }

  private note(holding: Holding, { granted, remaining, retryAfterMs, resetAfterMs }: Lease): void {
    const now = this.clock.now();
    holding.left += granted;
    holding.remaining = remaining;
    holding.resetAt = now + resetAfterMs;
    if (granted === 0) holding.refusedUntil = now + retryAfterMs;
  }

  /** What was leased at another rate is of no use at this one. */
  private change(key: string, holding: Holding, rate: Rate): void {
    this.giveBack([this.returned(key, holding)]);
    Object.assign(holding, { rate, left: 0, refusedUntil: 0 });
  }

  private open(key: string, rate: Rate, now: number): Holding {
    if (this.holdings.size >= MAX_KEYS) this.dropOldest();
    const holding: Holding = {
      rate,
      left: 0,
      refusedUntil: 0,
      usedAt: now,
      remaining: 0,
      resetAt: now,
      asking: undefined,
    };
    this.holdings.set(key, holding);
    this.sweeping ??= this.clock.after(HOLD_MS, () => this.sweep());
    return holding;
  }

  private dropOldest(): void {
    const [oldest] = this.holdings;
    if (!oldest) return;
    this.holdings.delete(oldest[0]);
    this.giveBack([this.returned(...oldest)]);
  }

  private sweep(): void {
    const idle = [...this.holdings].filter(([, holding]) => this.isIdle(holding));
    for (const [key] of idle) this.holdings.delete(key);
    this.giveBack(idle.map(([key, holding]) => this.returned(key, holding)));
    this.sweeping = this.holdings.size > 0 ? this.clock.after(HOLD_MS, () => this.sweep()) : undefined;
  }

  private isIdle({ usedAt, refusedUntil, asking }: Holding): boolean {
    const now = this.clock.now();
    return asking === undefined && now >= refusedUntil && now - usedAt >= HOLD_MS;
  }

  private returned(key: string, holding: Holding): LeaseRequest {
    return { key, ...holding.rate, cost: stillGood(holding, this.clock.now(), 0), wanted: 0 };
  }

  private giveBack(unused: readonly LeaseRequest[]): void {
    const some = unused.filter(({ cost }) => cost > 0);
    if (some.length > 0) this.bus.tell(RATES_RETURNED, some, PRIMARY_ID);
  }
}

/** No more than all workers could lease at once and leave half of it to whoever comes then; and no more than comes in soon. */
function portionOf({ count, periodMs, burst }: Rate, workers: number): number {
  return Math.max(1, Math.min(Math.floor(burst / (2 * workers)), Math.ceil((count / periodMs) * HOLD_MS)));
}

/**
 * How many may still be let through of what was leased. It stands for the last stretch of time before all is there
 * again; as that goes by, the rate lets in as many anew.
 */
function stillGood({ rate, left, resetAt }: Holding, now: number, graceMs: number): number {
  if (left === 0) return 0;
  const good = Math.floor(((resetAt + graceMs - now) * rate.count) / rate.periodMs + ROUNDING);
  return Math.max(0, Math.min(left, good));
}

function isSame(one: Rate, other: Rate): boolean {
  return one === other || (one.count === other.count && one.periodMs === other.periodMs && one.burst === other.burst);
}

function answer({ left, remaining, refusedUntil, resetAt }: Holding, allowed: boolean, now: number): Taken {
  return {
    allowed,
    remaining: allowed ? left + remaining : 0,
    retryAfterMs: allowed ? 0 : refusedUntil - now,
    resetAfterMs: Math.max(0, resetAt - now),
  };
}
