import * as fc from 'fast-check';

import { Glob, Globs } from './glob.js';

describe('a glob', () => {
  it.each([
    ['read', 'read', true],
    ['read', 'Read', false],
    ['read', 'reader', false],
    ['read_*', 'read_', true],
    ['read_*', 'read_file', true],
    ['*_file', 'read_file', true],
    ['*', '', true],
    ['a*b', 'ab', true],
    ['a*a', 'a', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['*ab*ba*', 'aba', false],
    ['a.c', 'abc', false],
    ['a?', 'ab', false],
    ['[ab]', 'a', false],
    ['file:///docs/*', 'file:///docs/{path}', true],
    ['', '', true],
    ['', 'a', false],
  ])('%j says of %j: %s', (pattern, text, expected) => {
    expect(new Glob(pattern).matches(text)).toBe(expected);
  });

  it('matches whatever stands in the place of its stars, and says what a regular expression says', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', '.', '\n'), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(texts, { minLength: 1, maxLength: 4 }), fc.array(texts), texts, (pieces, fill, other) => {
        const pattern = pieces.join('*');
        const made = pieces.reduce((text, piece, index) => `${text}${fill[index - 1] ?? ''}${piece}`);
        expect(new Glob(pattern).matches(made)).toBe(true);
        const escaped = pieces.map((piece) => piece.replaceAll('.', '[.]'));
        const regex = new RegExp(`^${escaped.join('.*')}$`, 's');
        expect(new Glob(pattern).matches(other)).toBe(regex.test(other));
      }),
    );
  });

  it('is never slow, whatever it is held against', () => {
    const glob = new Glob(`${'*a'.repeat(250)}b`);
    const text = 'a'.repeat(1_000_000);
    const start = performance.now();
    expect(glob.matches(text)).toBe(false);
    expect(performance.now() - start).toBeLessThan(250);
  });
});

describe('several globs', () => {
  it('need one that matches, and something to be matched', () => {
    const globs = new Globs(['a*', 'b']);
    expect(['ax', 'b', 'c', undefined].map((text) => globs.matches(text))).toEqual([true, true, false, false]);
    expect(new Globs([]).matches('a')).toBe(false);
    expect(Globs.of(undefined)).toBeUndefined();
  });
});
