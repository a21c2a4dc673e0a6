import { array, assert, double, integer, property, record } from 'fast-check';

import { paceOf, remainingAt, step } from './gcra.js';

/** Whole numbers, so that the bucket of the naive model and the time stamp of ours round alike. */
const rates = record({ intervalMs: integer({ min: 1, max: 500 }), burst: integer({ min: 1, max: 20 }) });
const arrivals = array(integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 200 });

/** What everybody means by a rate: a bucket that fills evenly, in units of one millisecond each. */
class NaiveBucket {
  private level: number;
  private at = 0;

  constructor(
    private readonly intervalMs: number,
    private readonly burst: number,
  ) {
    this.level = intervalMs * burst;
  }

  take(now: number): boolean {
    this.level = Math.min(this.intervalMs * this.burst, this.level + now - this.at);
    this.at = now;
    if (this.level < this.intervalMs) return false;
    this.level -= this.intervalMs;
    return true;
  }

  get remaining(): number {
    return Math.floor(this.level / this.intervalMs);
  }

  get waitMs(): number {
    return Math.max(0, this.intervalMs - this.level);
  }
}

describe('the generic cell rate algorithm', () => {
  it('lets in exactly what a bucket that fills evenly would', () => {
    assert(
      property(rates, arrivals, ({ intervalMs, burst }, gaps) => {
        const pace = paceOf(1, intervalMs, burst);
        const bucket = new NaiveBucket(intervalMs, burst);
        let [now, tat] = [0, 0];
        for (const gap of gaps) {
          now += gap;
          const paced = step(tat, now, pace);
          tat = paced.tat;
          expect(paced.allowed).toBe(bucket.take(now));
          expect(remainingAt(tat, now, pace)).toBe(bucket.remaining);
          if (!paced.allowed) expect(paced.retryAfterMs).toBe(bucket.waitMs);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('lets nobody in before the time it named, and everybody then', () => {
    assert(
      property(rates, ({ intervalMs, burst }) => {
        const pace = paceOf(1, intervalMs, burst);
        let tat = 0;
        for (let count = 0; count < burst; count++) ({ tat } = step(tat, 0, pace));
        const { allowed, retryAfterMs } = step(tat, 0, pace);
        expect(allowed).toBe(false);
        expect(step(tat, retryAfterMs - 0.002, pace).allowed).toBe(false);
        expect(step(tat, retryAfterMs, pace).allowed).toBe(true);
      }),
    );
  });

  it('lets a whole burst in at any moment, however that is rounded', () => {
    const moments = double({ min: 0, max: 1e10, noNaN: true });
    assert(
      property(moments, integer({ min: 1, max: 100_000 }), integer({ min: 1, max: 200 }), (now, count, burst) => {
        const pace = paceOf(count, 60_000, burst);
        let tat = 0;
        for (let time = 1; time <= burst; time++) {
          const paced = step(tat, now, pace);
          expect(paced.allowed).toBe(true);
          expect(remainingAt(paced.tat, now, pace)).toBe(burst - time);
          tat = paced.tat;
        }
      }),
    );
  });

  it('never lets more through than the burst and the rate since the start', () => {
    assert(
      property(rates, arrivals, ({ intervalMs, burst }, gaps) => {
        const pace = paceOf(1, intervalMs, burst);
        let [now, tat, passed] = [0, 0, 0];
        for (const gap of gaps) {
          now += gap;
          const paced = step(tat, now, pace);
          tat = paced.tat;
          if (paced.allowed) passed++;
          expect(passed).toBeLessThanOrEqual(burst + Math.floor(now / intervalMs));
        }
      }),
    );
  });
});
