import { candidate, picks } from '../../../test/support/candidates.js';
import { LeastConnectionsStrategy } from './least-connections.strategy.js';

describe('least_connections', () => {
  let strategy: LeastConnectionsStrategy;

  beforeEach(() => {
    strategy = new LeastConnectionsStrategy();
  });

  it('picks the server with the fewest unanswered requests', () => {
    const picked = strategy.pick([
      candidate('a', { pending: 4 }),
      candidate('b', { pending: 1 }),
      candidate('c', { pending: 9 }),
    ]);

    expect(picked.id).toBe('b');
  });

  it('counts requests against weight', () => {
    const picked = strategy.pick([
      candidate('small', { pending: 1, weight: 1 }),
      candidate('large', { pending: 4, weight: 8 }),
    ]);

    expect(picked.id).toBe('large');
  });

  it('takes turns while the group is idle', () => {
    expect(picks(strategy, [candidate('a'), candidate('b'), candidate('c')], 4)).toBe('a b c a');
  });

  it('starts over when the server it picked last is gone', () => {
    strategy.pick([candidate('a'), candidate('b')]);

    expect(strategy.pick([candidate('b'), candidate('c')]).id).toBe('b');
  });
});
