import { Fragments } from './fragments.js';

describe('texts by words', () => {
  it('are found by all of their words, in their order', () => {
    const fragments = new Fragments(10);
    fragments.set('one', 'a', 'b', undefined);
    fragments.set('other', 'b', 'a', undefined);

    expect(fragments.get('a', 'b', undefined)).toBe('one');
    expect(fragments.get('b', 'a', undefined)).toBe('other');
    expect(fragments.get('a', 'b', 'c')).toBeUndefined();
    expect(fragments.get('a')).toBeUndefined();
  });

  it('are never more than their bound', () => {
    const fragments = new Fragments(10);
    for (let n = 0; n < 1_000; n++) {
      fragments.set(`text ${n}`, 'a', String(n));
      expect(fragments.get('a', String(n))).toBe(`text ${n}`);
      expect(fragments.size).toBeLessThanOrEqual(10);
    }
    expect(fragments.get('a', '1')).toBeUndefined();
  });
});
