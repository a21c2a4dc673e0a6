import { availableParallelism } from 'node:os';

import { compare } from './baseline.ts';

const was = { throughput: 0.5, cost: 2 };
const here = { processors: availableParallelism(), scenarios: {} };

describe('the comparison with the baseline', () => {
  it('says by how much each ratio is worse', () => {
    const [throughput, cost] = compare(was, { throughput: 0.25, cost: 3, occupied: 1 }, here);

    expect(throughput?.worseBy).toBeCloseTo(1);
    expect(cost?.worseBy).toBeCloseTo(0.5);
  });

  it('is negative for what is better', () => {
    expect(compare(was, { throughput: 1, cost: 1, occupied: 1 }, here).map(({ worseBy }) => worseBy)).toEqual([
      -0.5, -0.5,
    ]);
  });

  it.each([
    ['on another kind of machine', 1, { ...here, processors: here.processors + 1 }],
    ['while others are at work', 0.5, here],
  ])('does not look at throughput %s', (_when, occupied, baseline) => {
    expect(compare(was, { throughput: 0.1, cost: 2, occupied }, baseline)).toMatchObject([
      { what: 'CPU a reply', worseBy: 0 },
    ]);
  });
});
