import { array, assert, constantFrom, nat, property, record } from 'fast-check';

import { principalOf, type Principal } from '../../core/principal.js';
import { LastReplies } from './last-replies.js';

function principal(subject: string): Principal {
  return principalOf({ method: 'jwt', subject });
}

describe('the last replies', () => {
  it('make a principal wait whose call may not be the one that is meant', () => {
    const replies = new LastReplies();
    replies.replied(principal('a'), 0);
    expect(replies.mayMeanOther(principal('a'), 1)).toBe(false);
    expect(replies.mayMeanOther(principal('b'), 999)).toBe(true);
    expect(replies.mayMeanOther(principal('b'), 1_000)).toBe(false);
  });

  it('know of everybody, however the replies come', () => {
    const reply = record({ subject: constantFrom('a', 'b', 'c'), after: nat({ max: 700 }) });
    assert(
      property(array(reply, { maxLength: 20 }), constantFrom('a', 'b', 'c', 'd'), (steps, asking) => {
        const replies = new LastReplies();
        let now = 0;
        const all = steps.map(({ subject, after }) => {
          now += after;
          replies.replied(principal(subject), now);
          return { subject, at: now };
        });
        const expected = all.some(({ subject, at }) => subject !== asking && now - at < 1_000);
        expect(replies.mayMeanOther(principal(asking), now)).toBe(expected);
      }),
    );
  });
});
