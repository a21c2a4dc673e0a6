import { OverBudget, withinBudget } from './budget.js';

const forever = (): never => {
  for (;;);
};

describe('work within a budget', () => {
  it('returns what it comes to, and throws what it throws', () => {
    const failing = (): never => {
      throw new TypeError('no');
    };
    expect(withinBudget(50, () => 42)).toBe(42);
    expect(() => withinBudget(50, failing)).toThrow(TypeError);
  });

  it('is stopped in loops and in regular expressions, and can be done again afterwards', () => {
    expect(() => withinBudget(10, forever)).toThrow(OverBudget);
    expect(() => withinBudget(10, () => /^(a+)+$/.test(`${'a'.repeat(64)}!`))).toThrow(OverBudget);
    expect(withinBudget(50, () => 'still there')).toBe('still there');
  });
});
