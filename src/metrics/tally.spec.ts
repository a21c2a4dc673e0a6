import { Tally } from './tally.js';

describe('a tally', () => {
  it('counts each triple of labels for itself', () => {
    const tally = new Tally();
    tally.add('a', 'b', 200);
    tally.add('a', 'b', 200);
    tally.add('a', 'b', 500);
    tally.add('b', 'a', 200);

    expect([...tally.entries()]).toEqual([
      [['a', 'b', 200], 2],
      [['a', 'b', 500], 1],
      [['b', 'a', 200], 1],
    ]);
  });

  it('forgets what begins with two labels and nothing else', () => {
    const tally = new Tally();
    tally.add('g', 'one', 200);
    tally.add('g', 'two', 200);
    tally.remove('g', 'one');
    tally.remove('unheard', 'of');

    expect([...tally.entries()]).toEqual([[['g', 'two', 200], 1]]);
  });
});
