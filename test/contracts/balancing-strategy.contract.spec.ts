import * as fc from 'fast-check';

import { STRATEGIES, type BalancingStrategy, type Candidate } from '../../src/balancer/index.js';
import { ANY_REQUEST, candidate, exchangeFrom } from '../support/candidates.js';

const servers = fc
  .uniqueArray(
    fc.record({ id: fc.stringMatching(/^[a-z]{1,6}$/), weight: fc.integer({ min: 1, max: 500 }), pending: fc.nat(40) }),
    {
      minLength: 1,
      maxLength: 8,
      selector: ({ id }) => id,
    },
  )
  .map((list) => list as [Candidate, ...Candidate[]]);
const address = fc.ipV4();

/** As the group sees it: by its contract alone. */
function fresh(Strategy: (typeof STRATEGIES)[number]): BalancingStrategy {
  return new Strategy();
}

describe.each(STRATEGIES)('the balancing strategy %o', (Strategy) => {
  it('never picks anything but a candidate, however they change', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(servers, address), { minLength: 1, maxLength: 30 }), (rounds) => {
        const strategy = fresh(Strategy);
        for (const [candidates, from] of rounds) {
          expect(candidates).toContain(strategy.pick(candidates, exchangeFrom(from), ANY_REQUEST));
        }
      }),
    );
  });

  it('picks the only server there is, every time', () => {
    const strategy = fresh(Strategy);
    const only = candidate('only', { pending: 1_000 });

    for (let round = 0; round < 5; round++) {
      expect(strategy.pick([only], exchangeFrom('192.0.2.1'), ANY_REQUEST)).toBe(only);
    }
  });

  it('never picks a server that the caller leaves out', () => {
    const strategy = fresh(Strategy);
    const [a, b, c] = [candidate('a'), candidate('b'), candidate('c')];

    for (let round = 0; round < 30; round++) {
      const offered: [Candidate, ...Candidate[]] = round % 2 === 0 ? [a, c] : [b, c];
      expect(offered).toContain(strategy.pick(offered, exchangeFrom(`192.0.2.${round}`), ANY_REQUEST));
    }
  });

  it('picks alike from a fresh start, given the same candidates and clients', () => {
    const candidates: [Candidate, ...Candidate[]] = [candidate('a', { weight: 3 }), candidate('b'), candidate('c')];
    const run = () => {
      const strategy = fresh(Strategy);
      return Array.from(
        { length: 20 },
        (_, n) => strategy.pick(candidates, exchangeFrom(`192.0.2.${n}`), ANY_REQUEST).id,
      );
    };

    expect(run()).toEqual(run());
  });

  it('gives equal servers about equal shares of many clients', () => {
    const strategy = fresh(Strategy);
    const candidates: [Candidate, ...Candidate[]] = [candidate('a'), candidate('b'), candidate('c'), candidate('d')];
    const shares = new Map<string, number>();

    for (let n = 0; n < 4_000; n++) {
      const { id } = strategy.pick(candidates, exchangeFrom(`10.0.${n >> 8}.${n & 255}`), ANY_REQUEST);
      shares.set(id, (shares.get(id) ?? 0) + 1);
    }

    for (const { id } of candidates) {
      expect(shares.get(id)).toBeGreaterThan(850);
      expect(shares.get(id)).toBeLessThan(1_150);
    }
  });

  it('answers a question that no downstream stands behind', () => {
    const candidates: [Candidate, ...Candidate[]] = [candidate('a'), candidate('b')];

    expect(candidates).toContain(fresh(Strategy).pick(candidates, undefined, ANY_REQUEST));
  });
});
