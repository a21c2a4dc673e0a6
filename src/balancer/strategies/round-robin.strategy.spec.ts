import { candidate, picks } from '../../../test/support/candidates.js';
import { RoundRobinStrategy } from './round-robin.strategy.js';

describe('round_robin', () => {
  it('takes turns in the order of the candidates, whatever they weigh', () => {
    const three = [candidate('a', { weight: 9 }), candidate('b'), candidate('c')] as const;

    expect(picks(new RoundRobinStrategy(), three, 7)).toBe('a b c a b c a');
  });

  it('goes on behind the last one when another server left', () => {
    const strategy = new RoundRobinStrategy();
    picks(strategy, [candidate('a'), candidate('b'), candidate('c')], 2);

    expect(picks(strategy, [candidate('b'), candidate('c')], 2)).toBe('c b');
  });

  it('goes on with the next one when the last one itself left', () => {
    const strategy = new RoundRobinStrategy();
    picks(strategy, [candidate('a'), candidate('b'), candidate('c')], 2);

    expect(picks(strategy, [candidate('a'), candidate('c')], 3)).toBe('c a c');
  });

  it('takes a server in that came back', () => {
    const strategy = new RoundRobinStrategy();
    picks(strategy, [candidate('b')], 3);

    expect(picks(strategy, [candidate('a'), candidate('b'), candidate('c')], 3)).toBe('c a b');
  });
});
