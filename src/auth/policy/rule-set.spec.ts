import { Definition } from '../../core/definition.js';
import type { ThingKind } from '../../core/access.js';
import { principalOf, type Principal } from '../../core/principal.js';
import type { JsonObject } from '../../core/json.js';
import { PolicyRuleConfig, PolicySection } from './policy.section.js';
import { RuleSet } from './rule-set.js';

type RuleGiven = Partial<PolicyRuleConfig>;

const failures: string[] = [];

function ruleSet(rules: readonly RuleGiven[], otherwise?: 'allow' | 'deny'): RuleSet {
  failures.length = 0;
  const configs = rules.map((given, index) =>
    Object.assign(new PolicyRuleConfig(), { name: `rule-${index}`, ...given }),
  );
  const section = Object.assign(new PolicySection(), { rules: configs, default: otherwise });
  return new RuleSet(section, (rule) => failures.push(rule));
}

const ann = principalOf({ method: 'jwt', subject: 'ann', roles: ['reader'], tenant: 'acme', claims: { team: 'crm' } });
const bob = principalOf({ method: 'api_key', subject: 'bob', roles: ['admin', 'constructor'] });

interface Asked {
  readonly kind?: ThingKind;
  readonly group?: string;
  readonly route?: string;
  readonly definition?: JsonObject;
  readonly arguments?: JsonObject;
  readonly clientAddress?: string;
}

function judge(rules: RuleSet, principal: Principal, name: string, asked: Asked = {}): string {
  const { kind = 'tools', group = 'crm', route = 'mcp', clientAddress = '192.0.2.1' } = asked;
  const definition = asked.definition && new Definition(Buffer.from(JSON.stringify(asked.definition)));
  const readArguments = () => asked.arguments ?? {};
  const call = { principal, route, method: 'tools/call', clientAddress, readArguments };
  const verdict = rules.viewOf(principal, route).judge({ kind, target: { group, name, definition } }, call);
  return verdict.kind === 'scope' ? verdict.scopes.join(' ') : verdict.kind;
}

describe('rules', () => {
  it('are idle while there is none, unless everything is to be denied', () => {
    expect(ruleSet([]).idle).toBe(true);
    expect(ruleSet([], 'deny').idle).toBe(false);
    expect(judge(ruleSet([], 'deny'), bob, 'x')).toBe('hidden');
    expect(ruleSet([{ roles: ['admin'] }]).idle).toBe(false);
  });

  it('allow what one of them matches in every dimension that it has', () => {
    const rules = ruleSet([
      { roles: ['reader'], groups: ['crm'], tools: ['read_*'] },
      { principals: ['api_key:b*'], routes: ['mcp'] },
    ]);
    expect(judge(rules, ann, 'read_x')).toBe('allowed');
    expect(judge(rules, ann, 'Read_x')).toBe('hidden');
    expect(judge(rules, ann, 'write_x')).toBe('hidden');
    expect(judge(rules, ann, 'read_x', { group: 'wiki' })).toBe('hidden');
    expect(judge(rules, bob, 'write_x', { group: 'wiki' })).toBe('allowed');
    expect(judge(rules, bob, 'write_x', { route: 'crm' })).toBe('hidden');
  });

  it.each<[string, RuleGiven]>([
    ['tenants', { tenants: ['*'] }],
    ['methods', { methods: ['jwt'] }],
    ['principals', { principals: ['jwt:ann'] }],
    ['roles', { roles: ['rea*r'] }],
    ['claims', { when: 'principal.claims.team == "crm"' }],
  ])('can tell principals apart by %s', (_, rule) => {
    const rules = ruleSet([rule]);
    expect([judge(rules, ann, 'x'), judge(rules, bob, 'x')]).toEqual(['allowed', 'hidden']);
  });

  it('open tools, prompts and resources where they name none of these, and else only what they name', () => {
    const kinds: readonly ThingKind[] = ['tools', 'prompts', 'resources', 'templates'];
    const opened = (rule: RuleGiven) =>
      kinds.filter((kind) => judge(ruleSet([rule]), ann, 'x', { kind }) === 'allowed');
    expect(opened({})).toEqual(kinds);
    expect(opened({ tools: ['*'] })).toEqual(['tools']);
    expect(opened({ prompts: ['*'] })).toEqual(['prompts']);
    expect(opened({ resources: ['*'] })).toEqual(['resources', 'templates']);
    expect(opened({ tools: [] })).toEqual([]);
  });

  it('leave open what none of them is about, where that is the default', () => {
    const rules = ruleSet(
      [
        { roles: ['admin'], tools: ['delete_*'] },
        { roles: ['nobody'], groups: ['hr'] },
      ],
      'allow',
    );
    expect(judge(rules, ann, 'read')).toBe('allowed');
    expect(judge(rules, ann, 'delete_x')).toBe('hidden');
    expect(judge(rules, bob, 'delete_x')).toBe('allowed');
    expect(judge(rules, bob, 'read', { group: 'hr' })).toBe('hidden');
    expect(rules.viewOf(ann, 'mcp').reaches('hr')).toBe(false);
    expect(rules.viewOf(ann, 'mcp').reaches('crm')).toBe(true);
  });

  it('do not find what is only called like something of ours', () => {
    const rules = ruleSet([{ roles: ['__proto__'] }, { roles: ['admin'], tools: ['__proto__', 'constructor'] }]);
    expect(judge(rules, bob, 'toString')).toBe('hidden');
    expect(judge(rules, bob, 'constructor')).toBe('allowed');
    expect(judge(rules, ann, '__proto__')).toBe('hidden');
  });

  it('ask for scopes where nothing else is missing, and name those of the first that would do', () => {
    const rules = ruleSet([
      { tools: ['x'], scopes: ['a', 'b'] },
      { tools: ['x'], scopes: ['c'] },
      { tools: ['y'], scopes: ['a'], when: 'arguments.n == 1' },
    ]);
    const scoped = (...scopes: string[]) => principalOf({ method: 'jwt', subject: 's', scopes });
    expect(judge(rules, scoped('a'), 'x')).toBe('a b');
    expect(judge(rules, scoped('a', 'b'), 'x')).toBe('allowed');
    expect(judge(rules, scoped('c'), 'x')).toBe('allowed');
    expect(judge(rules, scoped(), 'z')).toBe('hidden');
    expect(judge(rules, scoped(), 'y', { arguments: { n: 2 } })).toBe('denied');
    expect(judge(rules, scoped(), 'y', { arguments: { n: 1 } })).toBe('a');
    expect(rules.viewOf(scoped(), 'mcp').shows('tools', { group: 'crm', name: 'x' })).toBe(true);
  });
});

describe('the condition of a rule', () => {
  it('over arguments shows the thing, and decides about the call', () => {
    const rules = ruleSet([{ tools: ['pay'], when: '"admin" in principal.roles && arguments.amount <= 100' }]);
    const pay = (amount: number | string) => judge(rules, bob, 'pay', { arguments: { amount } });
    expect([pay(100), pay(101)]).toEqual(['allowed', 'denied']);
    expect(failures).toEqual([]);
    expect(pay('a lot')).toBe('denied');
    expect(failures).toEqual(['rule-0']);
    expect(rules.viewOf(bob, 'mcp').shows('tools', { group: 'crm', name: 'pay' })).toBe(true);
    expect(rules.viewOf(ann, 'mcp').shows('tools', { group: 'crm', name: 'pay' })).toBe(false);
  });

  it('over what the server says of a tool hides what it says nothing of', () => {
    const rules = ruleSet([{ when: 'tool.annotations.readOnlyHint == true' }]);
    const told = (annotations: JsonObject) => judge(rules, ann, 'x', { definition: { name: 'x', annotations } });
    expect([told({ readOnlyHint: true }), told({ readOnlyHint: false }), told({})]).toEqual([
      'allowed',
      'hidden',
      'hidden',
    ]);
    expect(judge(rules, ann, 'x')).toBe('hidden');
    expect(judge(rules, ann, 'x', { kind: 'prompts', definition: { name: 'x' } })).toBe('hidden');
  });

  it('does not take what is not known for what is not there', () => {
    const rules = ruleSet([{ when: '!has(tool.annotations.destructiveHint)' }]);
    expect(judge(rules, ann, 'x')).toBe('hidden');
    expect(judge(rules, ann, 'x', { definition: { name: 'x' } })).toBe('allowed');
  });

  it('denies and is counted where it gives something else than true or false', () => {
    const rules = ruleSet([{ when: 'principal.claims.team' }, { when: 'principal.claims.nothing == 1' }]);
    expect(judge(rules, ann, 'x')).toBe('hidden');
    expect(failures).toEqual(['rule-0', 'rule-1']);
  });

  it('may ask where a call comes from', () => {
    const rules = ruleSet([{ when: 'request.client_address == "192.0.2.1"' }]);
    expect(judge(rules, ann, 'x')).toBe('allowed');
    expect(judge(rules, ann, 'x', { clientAddress: '192.0.2.2' })).toBe('denied');
  });
});

describe('what principals see', () => {
  const many = (count: number, roles: number) =>
    Array.from({ length: count }, (_, n) =>
      principalOf({ method: 'jwt', subject: `s${n}`, roles: [`role-${n % roles}`], claims: { team: `t${n % 3}` } }),
    );

  it('is the same for all to whom the same rules apply', () => {
    const rules = ruleSet(Array.from({ length: 5 }, (_, n) => ({ roles: [`role-${n}`], tools: [`t${n}_*`] })));
    expect(new Set(many(10_000, 5).map((each) => rules.viewOf(each, 'mcp').key)).size).toBe(5);
  });

  it('is told apart by what conditions over things read of the principal, and by nothing else', () => {
    const rules = ruleSet([{ when: 'principal.claims.team == target.group' }]);
    const principals = many(100, 5);
    expect(new Set(principals.map((each) => rules.viewOf(each, 'mcp').key)).size).toBe(3);
    expect(judge(rules, principals[1]!, 'x', { group: 't1' })).toBe('allowed');
    expect(judge(rules, principals[1]!, 'x', { group: 't2' })).toBe('hidden');
  });

  it('has the same key on every replica, whatever the rules are called', () => {
    const one = ruleSet([{ name: 'one', tools: ['a'] }]);
    const other = ruleSet([{ name: 'other', tools: ['a'] }]);
    expect(one.viewOf(ann, 'mcp').key).toBe(other.viewOf(bob, 'mcp').key);
    expect(one.viewOf(ann, 'mcp').key).not.toBe(ruleSet([{ tools: ['b'] }]).viewOf(ann, 'mcp').key);
  });

  it('is everything where a rule hides nothing', () => {
    const rules = ruleSet([{ roles: ['admin'] }, { roles: ['reader'], groups: ['crm'] }]);
    expect([rules.viewOf(bob, 'mcp').seesAll, rules.viewOf(ann, 'mcp').seesAll]).toEqual([true, false]);
  });

  it('costs next to nothing to find out, once it was', () => {
    const rules = ruleSet(Array.from({ length: 50 }, (_, n) => ({ roles: ['reader'], tools: [`tool-${n}-*`] })));
    const time = (): number => {
      const start = performance.now();
      for (let n = 0; n < 20_000; n++) judge(rules, ann, 'tool-42-x');
      return (performance.now() - start) / 20;
    };
    time();
    // In microseconds, with what the test itself does; several times what it takes on an idle machine.
    expect(Math.min(time(), time(), time())).toBeLessThan(10);
  });
});

describe('spellings of a URI', () => {
  const ways = [
    'file:///srv/open/../secret',
    'file:///srv/open/%2e%2e/secret',
    'file:///srv/open/%2E./secret',
    'file:///srv/open/x%2f..%2F../secret',
    'file:///srv/open/..%5csecret',
    'file:///srv/open/..\\secret',
    'file:///srv/open/%252e%252e/secret',
    'file:///srv/open/./../secret',
  ];

  it.each(ways)('that lead out of what a pattern allows are not allowed by it: %s', (uri) => {
    const rules = ruleSet([{ roles: ['reader'], resources: ['file:///srv/open/*'] }]);
    expect(judge(rules, ann, uri, { kind: 'resources' })).toBe('hidden');
    expect(judge(rules, ann, 'file:///srv/open/a/b.txt', { kind: 'resources' })).toBe('allowed');
  });

  it.each([...ways, 'FILE:///srv/secret', 'file:///srv//secret', 'file:///srv/%73ecret', 'file:///srv/./secret'])(
    'do not lead around a rule that closes something: %s',
    (uri) => {
      const rules = ruleSet([{ roles: ['admin'], resources: ['file:///srv/secret*'] }], 'allow');
      expect(judge(rules, ann, uri, { kind: 'resources' })).toBe('hidden');
      expect(judge(rules, ann, 'file:///srv/open/a', { kind: 'resources' })).toBe('allowed');
    },
  );

  it('are as good as any where all of them are allowed', () => {
    const rules = ruleSet([{ roles: ['reader'], resources: ['file:///srv/*', 'odd://%zz/../{id}', 'db://a/x%20y'] }]);
    for (const uri of ['file:///srv/a/../b', 'odd://%zz/../{id}', 'db://a/x%20y', 'file:///srv/%zz/%ff']) {
      expect(judge(rules, ann, uri, { kind: 'resources' })).toBe('allowed');
    }
  });

  it('cost nothing where a URI is longer than any should be', () => {
    const reader = { roles: ['reader'], resources: ['a://*'] };
    const rules = ruleSet(Array.from({ length: 500 }, () => reader));
    const start = performance.now();
    expect(judge(rules, ann, `a://x/${'../%2e/'.repeat(200_000)}`, { kind: 'resources' })).toBe('hidden');
    expect(performance.now() - start).toBeLessThan(200);
  });
});
