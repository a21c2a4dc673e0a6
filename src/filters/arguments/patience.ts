import { LRUCache } from 'lru-cache';

import type { Clock } from '../../core/clock.js';
import type { Exchange } from '../../core/exchange.js';
import { paceOf, step } from '../../core/gcra.js';
import { ANONYMOUS, principalKey } from '../../core/principal.js';
import { subnetOf } from '../../core/subnet.js';

/** Callers that are remembered. */
const REMEMBERED = 10_000;
/** What judging may take beyond that for one caller: milliseconds in a second, and how many at once. */
const PACE = paceOf(50, 1_000, 200);

/** What every turn comes to. */
export type Turn<T> = { readonly done: T } | 'impatient';

/**
 * The time that judging may take where it may take any. Each judgement has a turn of the event loop for itself, so that
 * whatever else there is to do is done in between, and each caller has so much of that time: whoever has used it up
 * is not listened to for a while, and nobody else pays for it.
 */
export class Patience {
  private readonly used = new LRUCache<string, { tat: number }>({ max: REMEMBERED });
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly clock: Clock) {}

  /** Does something for a caller in its turn, or not at all. @param freeMs what it may take without being counted */
  async spend<T>(exchange: Exchange, freeMs: number, work: () => T): Promise<Turn<T>> {
    const used = this.usedBy(callerOf(exchange));
    if (this.isSpent(used)) return 'impatient';
    const turn = this.last.then(() =>
      inTurn(() => (this.isSpent(used) ? 'impatient' : { done: this.timed(used, freeMs, work) })),
    );
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private timed<T>(used: { tat: number }, freeMs: number, work: () => T): T {
    const start = process.threadCpuUsage();
    try {
      return work();
    } finally {
      const { user, system } = process.threadCpuUsage(start);
      const ms = (user + system) / 1_000 - freeMs;
      // What was begun is paid for, even where it took more than there was.
      if (ms > 0) used.tat = Math.max(used.tat, this.clock.now()) + ms * PACE.intervalMs;
    }
  }

  private isSpent({ tat }: { readonly tat: number }): boolean {
    return !step(tat, this.clock.now(), PACE).allowed;
  }

  private usedBy(caller: string): { tat: number } {
    let used = this.used.get(caller);
    if (!used) this.used.set(caller, (used = { tat: 0 }));
    return used;
  }
}

/** Those without a name are told apart by where they are. */
function callerOf({ principal, clientAddress }: Exchange): string {
  return principal.method === ANONYMOUS.method ? `a:${subnetOf(clientAddress)}` : principalKey(principal);
}

function inTurn<T>(work: () => T): Promise<T> {
  return new Promise((done, failed) => {
    setImmediate(() => {
      try {
        done(work());
      } catch (thrown) {
        failed(thrown);
      }
    });
  });
}
