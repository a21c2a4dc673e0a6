import { RetryBudget } from './retry-budget.js';

describe('RetryBudget', () => {
  const spent = (budget: RetryBudget, times: number, now: number): number =>
    Array.from({ length: times }, () => budget.spend(now)).filter(Boolean).length;

  it('grants a few repetitions every second to whoever asks rarely', () => {
    const budget = new RetryBudget();

    expect(spent(budget, 10, 0)).toBe(3);
    expect(spent(budget, 10, 1_000)).toBe(3);
    expect(spent(budget, 10, 1_001)).toBe(0);
  });

  it('grants a fifth of many requests', () => {
    const budget = new RetryBudget();
    spent(budget, 3, 0);
    let repeated = 0;
    for (let n = 0; n < 1_000; n++) {
      budget.earn();
      if (budget.spend(0)) repeated++;
    }

    expect(repeated).toBeGreaterThan(190);
    expect(repeated).toBeLessThanOrEqual(200);
  });

  it('saves no more than a handful', () => {
    const budget = new RetryBudget();
    for (let n = 0; n < 10_000; n++) budget.earn();

    expect(spent(budget, 100, 0)).toBe(20);
  });
});
