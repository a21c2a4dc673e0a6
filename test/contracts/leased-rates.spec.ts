import { array, assert, asyncProperty, integer, record } from 'fast-check';

import type { WorkerBus } from '../../src/core/worker-bus.js';
import { LeasedRateCounter } from '../../src/storage/leased-rate-counter.js';
import { Hub } from '../../src/workers/bus/hub.js';
import { Endpoint } from '../../src/workers/bus/endpoint.js';
import { newSecret } from '../../src/workers/bus/local-bus.js';
import { LeaseBook } from '../../src/workers/primary/lease-book.js';
import { ManualClock } from '../support/manual-clock.js';

const WORKERS = 3;
const RATE = { count: 1_000, periodMs: 60_000, burst: 100 };
const PER_MS = RATE.count / RATE.periodMs;
const NOBODY = { take: () => expect.unreachable('the primary answers') };

/** Counters of workers whose primary counts for them, on one clock. */
function countersOf(clock: ManualClock): LeasedRateCounter[] {
  const hub = new Hub({ size: WORKERS, secret: newSecret() });
  new LeaseBook(() => clock.now()).serve(hub.bus);
  return Array.from({ length: WORKERS }, (_, n) => {
    const self = { id: `w${n + 1}`, slot: n + 1 };
    const endpoint = new Endpoint({ self, size: WORKERS, secret: hub.bus.secret }, (frame) => hub.receive(self, frame));
    hub.join(self, { send: (frame) => endpoint.take(frame) });
    return new LeasedRateCounter(endpoint satisfies WorkerBus, clock, NOBODY);
  });
}

/** When each was let through that was asked for. */
async function passed(clock: ManualClock, counter: LeasedRateCounter, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < count; n++) if ((await counter.take('k', RATE)).allowed) times.push(clock.now());
  return times;
}

describe('a rate that workers count together', () => {
  it('is as much as a burst for whoever comes at once, to one of them or to all', async () => {
    for (const comesTo of [[0], [0, 1, 2]]) {
      const clock = new ManualClock();
      const counters = countersOf(clock);
      const counts = await Promise.all(comesTo.map((n) => passed(clock, counters[n]!, 200)));
      expect(counts.flat()).toHaveLength(RATE.burst);
    }
  });

  it('is no more for what workers keep of it while the rate goes on', async () => {
    const clock = new ManualClock();
    const counters = countersOf(clock);
    // Each uses its lease so often that it is never given back for being idle.
    for (let second = 0; second < 10; second++) {
      for (const counter of counters) expect(await passed(clock, counter, 1)).toHaveLength(1);
      clock.advance(900);
    }
    clock.advance(90);
    const counts = await Promise.all(counters.map((counter) => passed(clock, counter, 200)));
    expect(counts.flat().length).toBeLessThanOrEqual(RATE.burst + WORKERS);
    expect(counts.flat().length).toBeGreaterThanOrEqual(RATE.burst - WORKERS);
  });

  it('is kept to in every stretch of time, whoever is asked how often', async () => {
    const act = record({
      worker: integer({ min: 0, max: WORKERS - 1 }),
      count: integer({ min: 1, max: 150 }),
      waitMs: integer({ min: 0, max: 2_500 }),
    });
    await assert(
      asyncProperty(array(act, { maxLength: 30 }), async (acts) => {
        const clock = new ManualClock();
        const counters = countersOf(clock);
        const times: number[] = [];
        for (const { worker, count, waitMs } of acts) {
          clock.advance(waitMs);
          times.push(...(await passed(clock, counters[worker]!, count)));
        }
        // How far the fullest bucket that would have let all of them through runs over.
        let level = 0;
        let last = 0;
        for (const time of times) {
          level = Math.max(0, level - (time - last) * PER_MS) + 1;
          last = time;
          expect(level).toBeLessThanOrEqual(RATE.burst + WORKERS);
        }
      }),
      { numRuns: 50 },
    );
  });
});
