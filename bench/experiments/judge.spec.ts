import { judge, spread } from './judge.ts';

describe('a verdict', () => {
  const floor = { what: 'throughput', unit: '×', isFloor: true, must: 0.85, goal: 1.1 } as const;
  const ceiling = { what: 'p50', unit: 'µs', isFloor: false, must: 60, goal: 15 } as const;

  it('is of the median', () => {
    expect(judge(floor, [0.2, 0.9, 5])).toMatchObject({
      isMet: true,
      isReached: false,
      measured: '0.90 [0.20–5.00] ×',
    });
  });

  it('knows floors and ceilings', () => {
    expect(judge(floor, [0.84])).toMatchObject({ isMet: false, must: '≥ 0.85 ×', goal: '≥ 1.10 ×' });
    expect(judge(ceiling, [61])).toMatchObject({ isMet: false, must: '≤ 60 µs' });
    expect(judge(ceiling, [15])).toMatchObject({ isMet: true, isReached: true });
  });

  it('is none where nothing was measured', () => {
    expect(judge(floor, [Number.NaN])).toMatchObject({
      measured: 'not measured',
      isMet: undefined,
      isReached: undefined,
    });
  });

  it('has no spread of one value', () => {
    expect(spread([2], '/s')).toBe('2/s');
  });
});
