import type { Target } from '../../core/exchange.js';
import { principalOf } from '../../core/principal.js';
import { Namings } from './naming.js';
import { PolicyRuleConfig, PolicySection } from './policy.section.js';
import { RuleSet } from './rule-set.js';

const ann = principalOf({ method: 'jwt', subject: 'ann', scopes: ['a'] });
const bob = principalOf({ method: 'jwt', subject: 'bob' });
const read: Target = { group: 'crm', name: 'read' };

function rules(given: readonly Partial<PolicyRuleConfig>[], otherwise?: 'allow' | 'deny'): RuleSet {
  const configs = given.map((rule, at) => Object.assign(new PolicyRuleConfig(), { name: `rule-${at}`, ...rule }));
  return new RuleSet(Object.assign(new PolicySection(), { rules: configs, default: otherwise }));
}

const LATE = 'arguments.a == 1';

describe('what is known of a name', () => {
  it.each([
    ['a rule names it', [{ tools: ['read'] }], true],
    ['no rule names it', [{ tools: ['write'] }], false],
    ['it depends on the call', [{ tools: ['read'], when: LATE }], false],
    ['a later rule does not depend on it', [{ tools: ['read'], when: LATE }, { tools: ['*'] }], false],
    ['an earlier rule does not depend on it', [{ tools: ['*'] }, { tools: ['read'], when: LATE }], true],
    ['it takes a scope', [{ tools: ['read'], scopes: ['a'] }], false],
    ['another rule takes no scope', [{ tools: ['read'], scopes: ['a'] }, { tools: ['read'] }], true],
    ['it depends on the thing', [{ tools: ['read'], when: 'tool.annotations.readOnlyHint == true' }], false],
    ['it depends on its name', [{ when: 'tool.name == "read"' }], false],
    ['it depends on who asks', [{ tools: ['read'], when: 'principal.subject == "ann"' }], true],
  ])('frees every call of it, where %s: %#', (_, given, isFree) => {
    expect(rules(given).viewOf(ann, 'mcp').frees('tools', read)).toBe(isFree);
  });

  it('frees what no rule is about where things are open', () => {
    const open = rules([{ tools: ['write'] }], 'allow');
    expect(open.viewOf(ann, 'mcp').frees('tools', read)).toBe(true);
    expect(open.viewOf(ann, 'mcp').frees('tools', { group: 'crm', name: 'write' })).toBe(true);
    const closed = rules([{ tools: ['write'], principals: ['jwt:ann'] }], 'allow');
    expect(closed.viewOf(bob, 'mcp').frees('tools', { group: 'crm', name: 'write' })).toBe(false);
  });

  it('is nothing but what a judge would say', () => {
    const sets = [
      rules([{ tools: ['read'], scopes: ['a'] }, { tools: ['*'], when: LATE }, { groups: ['crm'] }]),
      rules([{ tools: ['r*'], scopes: ['a'] }, { tools: ['read'] }]),
      rules([{ tools: ['write'] }], 'allow'),
    ];
    for (const set of sets) {
      for (const principal of [ann, bob]) {
        for (const name of ['read', 'write', 'x']) {
          const view = set.viewOf(principal, 'mcp');
          const target = { group: 'crm', name };
          const call = {
            principal,
            route: 'mcp',
            method: 'tools/call',
            clientAddress: undefined,
            readArguments: () => ({}),
          };
          if (view.frees('tools', target)) expect(view.judge({ kind: 'tools', target }, call).kind).toBe('allowed');
        }
      }
    }
  });

  it('is that of its kind, its group and its configuration', () => {
    const one = rules([{ groups: ['crm'], tools: ['read'] }]).viewOf(ann, 'mcp');
    expect(one.frees('tools', read)).toBe(true);
    expect(one.frees('prompts', read)).toBe(false);
    expect(one.frees('tools', { group: 'docs', name: 'read' })).toBe(false);
    expect(
      rules([{ groups: ['crm'], tools: ['write'] }])
        .viewOf(ann, 'mcp')
        .frees('tools', read),
    ).toBe(false);
  });

  it('is found once for each name, and forgotten before there are too many', () => {
    let found = 0;
    const namings = new Namings(() => (found++, []));
    for (let n = 0; n < 2; n++) for (const name of ['a', 'b']) namings.of('tools', 'crm', name);
    expect(found).toBe(2);
    for (let n = 0; n < 25_000; n++) {
      namings.of('tools', `g${n % 3}`, `name ${n}`);
      expect(namings.size).toBeLessThanOrEqual(10_000);
    }
    namings.of('tools', 'crm', 'x'.repeat(257));
    namings.of('tools', 'crm', 'x'.repeat(257));
    expect(found).toBe(2 + 25_000 + 2);
  });
});
