import { ANONYMOUS, principalOf } from './principal.js';
import { PrincipalTally } from './principal-tally.js';

const ann = principalOf({ method: 'api_key', subject: 'ann' });
const bob = principalOf({ method: 'api_key', subject: 'bob' });

describe('PrincipalTally', () => {
  it('counts for each principal apart, whatever credential it came with', () => {
    const tally = new PrincipalTally();
    tally.add(ann);
    tally.add(principalOf({ method: 'api_key', subject: 'ann', scopes: ['more'] }));
    tally.add(bob);

    expect([tally.of(ann), tally.of(bob), tally.size]).toEqual([2, 1, 2]);
  });

  it('keeps nothing of those who have none left', () => {
    const tally = new PrincipalTally();
    tally.add(ann);
    tally.remove(ann);

    expect([tally.of(ann), tally.size]).toEqual([0, 0]);
  });

  it('never counts anybody who is anonymous', () => {
    const tally = new PrincipalTally();
    tally.add(ANONYMOUS);

    expect([tally.of(ANONYMOUS), tally.size]).toEqual([0, 0]);
  });
});
