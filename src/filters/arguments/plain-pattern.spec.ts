import { isPlainPattern } from './plain-pattern.js';

describe('patterns that cannot take long', () => {
  it.each([
    '^abc$',
    '^[a-z]{1,64}$',
    '^\\d{4}-\\d{2}-\\d{2}$',
    '^[A-Z0-9_-]+$',
    '^',
    '^$',
    '^.*$',
    '^[^\\]]*x',
    '^a{3}b?$',
  ])('are told: %s', (pattern) => {
    expect(isPlainPattern(pattern)).toBe(true);
  });

  it.each(['a+$', '^(a+)+$', '^a*b*$', '^(?=a)', '^(a)\\1$', '^a|b$', '^a**', '^\\p{L}+$', '^[a', '^a{1,9}{1,9}$'])(
    'are not confused with others: %s',
    (pattern) => {
      expect(isPlainPattern(pattern)).toBe(false);
    },
  );
});
