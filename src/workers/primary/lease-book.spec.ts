import { array, assert, integer, property, record } from 'fast-check';

import { LeaseBook } from './lease-book.js';

const request = (key: string, cost: number, wanted: number) => ({
  key,
  cost,
  wanted,
  count: 60,
  periodMs: 60_000,
  burst: 20,
});

describe('the leases of rates', () => {
  it('never are more than the rate, whoever asks and gives back in whatever order', () => {
    const act = record({
      wanted: integer({ min: 1, max: 8 }),
      unused: integer({ min: 0, max: 8 }),
      waitMs: integer({ min: 0, max: 3_000 }),
    });
    assert(
      property(array(act, { maxLength: 200 }), (acts) => {
        let now = 0;
        let used = 0;
        const book = new LeaseBook(() => now);
        for (const { wanted, unused, waitMs } of acts) {
          now += waitMs;
          const { granted } = book.lease(request('k', 1, wanted));
          const back = Math.min(granted, unused);
          used += granted - back;
          if (back > 0) book.giveBack(request('k', back, 0));
          expect(used).toBeLessThanOrEqual(20 + now / 1_000 + 1e-6);
        }
      }),
    );
  });

  it('give what is left where less is left than wanted, and say when there is more', () => {
    const book = new LeaseBook(() => 0);
    expect(book.lease(request('k', 1, 15))).toMatchObject({ granted: 15, remaining: 5 });
    expect(book.lease(request('k', 1, 15))).toMatchObject({ granted: 5, remaining: 0 });
    expect(book.lease(request('k', 1, 15))).toEqual({
      granted: 0,
      remaining: 0,
      retryAfterMs: 1_000,
      resetAfterMs: 20_000,
    });
    book.giveBack(request('k', 5, 0));
    expect(book.lease(request('k', 1, 1))).toMatchObject({ granted: 1, remaining: 4 });
  });
});
