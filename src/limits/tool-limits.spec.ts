import { ToolLimits } from './tool-limits.js';
import { ToolRateConfig } from './rate-limiting.section.js';

function limits(...configured: Partial<ToolRateConfig>[]): ToolLimits {
  return new ToolLimits(configured.map((one) => Object.assign(new ToolRateConfig(), { requestsPerMinute: 6 }, one)));
}

function count(tools: readonly string[], name: string): number {
  return limits({ tools }).of({ group: 'crm', name }).length;
}

describe('the limits of a tool', () => {
  it.each([
    ['search', 'search', 1],
    ['search', 'searches', 0],
    ['search_*', 'search_all', 1],
    ['search_*', 'search_', 1],
    ['search_*', 'research_all', 0],
    ['*_all', 'search_all', 1],
    ['*', '', 1],
    ['a*a', 'a', 0],
    ['a*b*c', 'a-b-c', 1],
    ['a*b*c', 'a-c-b', 0],
    ['a*bc*c', 'abc', 0],
    ['**x**', 'axb', 1],
    ['a.c', 'abc', 0],
    ['[ab]', 'a', 0],
  ])('match %s with %s: %i', (pattern, name, expected) => {
    expect(count([pattern], name)).toBe(expected);
  });

  it('take no time over a pattern that was made to take it', () => {
    const before = performance.now();
    expect(count(['*a'.repeat(60) + '*b'], 'a'.repeat(100_000))).toBe(0);
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  it('are those of its group, and of all groups', () => {
    const found = limits({ groups: ['crm'] }, { groups: ['docs'] }, {}).of({ group: 'crm', name: 'search' });
    expect(found).toHaveLength(2);
  });

  it('are counted under the same key in every process that has the same configuration', () => {
    const [one] = limits({ tools: ['a'] }).of({ group: 'crm', name: 'a' });
    const [, other] = limits({ tools: ['*'] }, { tools: ['a'], requestsPerMinute: 7 }).of({ group: 'crm', name: 'a' });
    expect(one!.key).toBe(other!.key);
  });

  it('are remembered without end neither of groups nor of tools', () => {
    const one = limits({ tools: ['t1*'] });
    for (let tool = 0; tool < 30_000; tool++) {
      expect(one.of({ group: `g${tool % 7}`, name: `t${tool}` })).toHaveLength(String(tool).startsWith('1') ? 1 : 0);
    }
  });
});
