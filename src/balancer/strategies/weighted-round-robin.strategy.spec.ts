import { candidate, picks } from '../../../test/support/candidates.js';
import { WeightedRoundRobinStrategy } from './weighted-round-robin.strategy.js';

describe('weighted_round_robin', () => {
  it('spreads the turns of a heavy server', () => {
    const three = [
      candidate('a', { weight: 5 }),
      candidate('b', { weight: 1 }),
      candidate('c', { weight: 1 }),
    ] as const;

    expect(picks(new WeightedRoundRobinStrategy(), three, 7)).toBe('a a b a c a a');
  });

  it('gives each server exactly its share of every full round', () => {
    const weights = { a: 200, b: 100, c: 50 };
    const servers = Object.entries(weights).map(([id, weight]) => candidate(id, { weight }));
    const strategy = new WeightedRoundRobinStrategy();

    const picked = picks(strategy, servers as never, 350).split(' ');

    for (const [id, weight] of Object.entries(weights)) {
      expect(picked.filter((each) => each === id)).toHaveLength(weight);
    }
  });

  it('does not flood a server that comes back with the turns it missed', () => {
    const strategy = new WeightedRoundRobinStrategy();
    picks(strategy, [candidate('a'), candidate('b'), candidate('c')], 3);
    picks(strategy, [candidate('a'), candidate('b')], 50);

    const after = picks(strategy, [candidate('a'), candidate('b'), candidate('c')], 6).split(' ');

    expect(after.filter((id) => id === 'c').length).toBeLessThanOrEqual(2);
  });
});
