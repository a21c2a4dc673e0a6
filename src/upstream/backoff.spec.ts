import { Backoff } from './backoff.js';

describe('Backoff', () => {
  it('doubles the longest wait with every try, up to its maximum', () => {
    const backoff = new Backoff({ min: 250, max: 2_000 }, () => 1);

    expect([1, 2, 3, 4, 5].map(() => backoff.next())).toEqual([250, 500, 1_000, 2_000, 2_000]);
  });

  it('draws from the whole span down to nothing', () => {
    expect(new Backoff({ min: 250, max: 2_000 }, () => 0).next()).toBe(0);
  });

  it('starts small again once it was reset', () => {
    const backoff = new Backoff({ min: 250, max: 2_000 }, () => 1);
    backoff.next();
    backoff.next();
    backoff.reset();

    expect(backoff.next()).toBe(250);
  });

  it('stays finite after very many tries', () => {
    const backoff = new Backoff({ min: 250, max: 2_000 }, () => 1);
    for (let n = 0; n < 5_000; n++) backoff.next();

    expect(backoff.next()).toBe(2_000);
  });
});
