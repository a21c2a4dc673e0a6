import * as fc from 'fast-check';

import { editDistance, nearest } from './nearest.js';

describe('nearest', () => {
  it.each([
    ['hots', 'host'],
    ['prot', 'port'],
    ['shutdownTimeout', 'shutdown_timeout'],
    ['max-connections', 'max_connections'],
    ['alow_anonymous', 'allow_anonymous'],
  ])('finds what was meant by %s', (written, meant) => {
    expect(nearest(written, ['host', 'port', 'shutdown_timeout', 'max_connections', 'allow_anonymous'])).toBe(meant);
  });

  it('says nothing when nothing is close', () => {
    expect(nearest('workers', ['host', 'port'])).toBeUndefined();
    expect(nearest('x', ['y'])).toBeUndefined();
  });

  it('measures a distance that is symmetric and nought only for equal words', () => {
    const word = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });
});
