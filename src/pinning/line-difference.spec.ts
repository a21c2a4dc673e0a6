import { array, assert, constantFrom, property } from 'fast-check';

import { lineDifference } from './line-difference.js';

const shown = (before: string, after: string) =>
  lineDifference(before.split(''), after.split(''))
    .map(({ sign, text }) => sign + text)
    .join('');

describe('the difference of two texts', () => {
  it('is as small as it can be', () => {
    expect(shown('abcd', 'abcd')).toBe(' a b c d');
    expect(shown('abcd', 'abXd')).toBe(' a b-c+X d');
    expect(shown('abc', 'aXbcY')).toBe(' a+X b c+Y');
    expect(shown('', 'a')).toBe('+a');
  });

  it('holds both of them', () => {
    const lines = array(constantFrom('a', 'b', 'c'), { maxLength: 12 });
    assert(
      property(lines, lines, (before, after) => {
        const all = lineDifference(before, after);
        expect(all.filter(({ sign }) => sign !== '+').map(({ text }) => text)).toEqual(before);
        expect(all.filter(({ sign }) => sign !== '-').map(({ text }) => text)).toEqual(after);
      }),
    );
  });
});
