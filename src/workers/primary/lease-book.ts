import { type Pace, paceOf, remainingAt, step } from '../../core/gcra.js';
import { type Lease, type LeaseRequest, RATE_LEASED, RATES_RETURNED } from '../../core/rate-lease.js';
import type { WorkerBus } from '../../core/worker-bus.js';

const MAX_KEYS = 100_000;
/** Of how many keys one is dropped when there is no room. */
const ROOM_SHARE = 16;

/**
 * Counts for all workers: what they may let through on their own account is taken from the rate when it is leased, so
 * that all of them together never let through more.
 */
export class LeaseBook {
  private readonly tats = new Map<string, number>();

  /** @param now monotonic milliseconds */
  constructor(
    private readonly now: () => number,
    private readonly maxKeys: number = MAX_KEYS,
  ) {}

  /** Answers on the bus. */
  serve(bus: WorkerBus): void {
    bus.on(RATE_LEASED, (request) => this.lease(request));
    bus.on(RATES_RETURNED, (requests) => requests.forEach((request) => this.giveBack(request)));
  }

  lease(request: LeaseRequest): Lease {
    const { key, cost, wanted } = request;
    const now = this.now();
    const pace = paceOf(request.count, request.periodMs, request.burst);
    const tat = this.tatOf(key, now, pace);
    const needed = step(tat, now, pace, cost);
    if (!needed.allowed) {
      return { granted: 0, remaining: 0, retryAfterMs: needed.retryAfterMs, resetAfterMs: tat - now };
    }
    const granted = Math.max(cost, Math.min(wanted, remainingAt(tat, now, pace)));
    const leased = step(tat, now, pace, granted).tat;
    this.keep(key, leased, now);
    return { granted, remaining: remainingAt(leased, now, pace), retryAfterMs: 0, resetAfterMs: leased - now };
  }

  /** @param request its cost is how many were not used */
  giveBack(request: LeaseRequest): void {
    const now = this.now();
    const pace = paceOf(request.count, request.periodMs, request.burst);
    const tat = this.tatOf(request.key, now, pace) - pace.intervalMs * request.cost;
    if (tat > now) this.tats.set(request.key, tat);
    else this.tats.delete(request.key);
  }

  private tatOf(key: string, now: number, { toleranceMs }: Pace): number {
    // A debt from a slower rate, before a reload, is cut down to what this rate knows.
    return Math.max(now, Math.min(this.tats.get(key) ?? now, now + toleranceMs));
  }

  private keep(key: string, tat: number, now: number): void {
    if (!this.tats.has(key) && this.tats.size >= this.maxKeys) this.makeRoom(now);
    this.tats.set(key, tat);
  }

  private makeRoom(now: number): void {
    for (const [key, tat] of this.tats) if (tat <= now) this.tats.delete(key);
    const wanted = this.maxKeys - Math.ceil(this.maxKeys / ROOM_SHARE);
    for (const key of this.tats.keys()) {
      if (this.tats.size <= wanted) return;
      this.tats.delete(key);
    }
  }
}
