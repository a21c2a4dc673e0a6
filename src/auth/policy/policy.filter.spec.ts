import { FakeGroup, modernSuccess, type FakeGroupOptions } from '../../../test/support/fake-group.js';
import { ModernRequest } from '../../../test/support/modern-client.js';
import { request, RoutingBench, TestStay } from '../../../test/support/routing.js';
import { TextSource, ConfigService, openConfig } from '../../config/index.js';
import type { GatewayEvents } from '../../core/events.js';
import { GatewayError } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import { principalOf, type Principal } from '../../core/principal.js';
import { FilterChain } from '../../pipeline/index.js';
import type { Topology } from '../../routing/topology.js';
import { PolicyFilter } from './policy.filter.js';
import { PolicySection } from './policy.section.js';
import { Policies } from './policies.js';

const ann = principalOf({ method: 'jwt', subject: 'ann', roles: ['reader'] });
const bob = principalOf({ method: 'jwt', subject: 'bob', roles: ['admin'] });

const SCHEMA = '"inputSchema":{"type":"object"}';
const LISTS = {
  'tools/list': () => `{"tools":[{"name":"read",${SCHEMA}},{"name":"write",${SCHEMA}},{"name":"pay",${SCHEMA}}]}`,
  'prompts/list': () => '{"prompts":[{"name":"hello"},{"name":"secret"}]}',
  'resources/list': () => '{"resources":[{"uri":"doc://a","name":"a"},{"uri":"key://a","name":"k"}]}',
  'resources/templates/list': () =>
    '{"resourceTemplates":[{"uriTemplate":"doc://{x}","name":"d"},{"uriTemplate":"key://{x}","name":"k"}]}',
  'tools/call': () => '{"content":[]}',
  'prompts/get': () => '{"messages":[]}',
  'resources/read': () => '{"contents":[]}',
  'resources/subscribe': () => '{}',
  'resources/unsubscribe': () => '{}',
  'completion/complete': () => '{"completion":{"values":[]}}',
};
const CAPABILITIES = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  completions: {},
  logging: {},
};

const RULES = `
[[security.policy.rules]]
name = "readers"
roles = ["reader"]
groups = ["crm"]
tools = ["read"]
prompts = ["hello"]
resources = ["doc:*"]
[[security.policy.rules]]
name = "payers"
roles = ["reader"]
tools = ["pay"]
when = "arguments.amount <= 100"
[[security.policy.rules]]
name = "admins"
roles = ["admin"]
`;

let bench: RoutingBench;
let config: ConfigService;
let policies: Policies;
let denied: GatewayEvents['access.denied']['why'][];

async function policy(toml: string): Promise<ConfigService> {
  const opened = await openConfig({ source: new TextSource(toml), sections: [PolicySection], environment: {} });
  return new ConfigService(opened, bench.events);
}

beforeEach(async () => {
  bench = new RoutingBench();
  config = await policy(RULES);
  policies = new Policies(config, bench.events);
  bench.access = policies;
  Object.assign(bench.tools, {
    chains: {
      build: async (_: unknown, terminal: ConstructorParameters<typeof FilterChain>[1]) => {
        const filter = new PolicyFilter(policies, bench.events);
        return new FilterChain(filter.idle ? [] : [filter], terminal);
      },
    },
  });
  denied = [];
  bench.events.on('access.denied', ({ why }) => denied.push(why));
});

function group(name: string, options: FakeGroupOptions = {}): FakeGroup {
  return new FakeGroup(name, { capabilities: CAPABILITIES, ...options, on: { ...LISTS, ...options.on } });
}

interface Sent {
  readonly principal: Principal;
  readonly path?: string;
  readonly method: string;
  readonly params?: JsonObject | string;
}

let stays = 0;

/** What came of a request: the result, or the words and data of the failure. */
async function send(topology: Topology, { principal, path = '/mcp', method, params }: Sent): Promise<JsonObject> {
  const stay = new TestStay(`stay-${++stays}`, { principal });
  try {
    return await bench.ask(topology, stay, path, method, params);
  } catch (thrown) {
    const error = GatewayError.from(thrown);
    return error.toReply('legacy').json.object();
  }
}

/** Aimed at something that ann may not see, and at the same in words that nothing has. */
const HIDDEN: readonly [string, JsonObject, JsonObject][] = [
  ['tools/call', { name: 'crm__write' }, { name: 'crm__nope1' }],
  ['prompts/get', { name: 'crm__secret' }, { name: 'crm__nope01' }],
  ['resources/read', { uri: 'crm+key://a' }, { uri: 'nop+key://a' }],
  ['resources/subscribe', { uri: 'crm+key://a' }, { uri: 'nop+key://a' }],
  ['resources/unsubscribe', { uri: 'crm+key://a' }, { uri: 'nop+key://a' }],
  [
    'completion/complete',
    { ref: { type: 'ref/prompt', name: 'crm__secret' }, argument: { name: 'a', value: '' } },
    { ref: { type: 'ref/prompt', name: 'crm__nope01' }, argument: { name: 'a', value: '' } },
  ],
  [
    'completion/complete',
    { ref: { type: 'ref/resource', uri: 'crm+key://{x}' }, argument: { name: 'x', value: '' } },
    { ref: { type: 'ref/resource', uri: 'nop+key://{x}' }, argument: { name: 'x', value: '' } },
  ],
];

/** The same on the route of the group alone, under its own names. */
const OWN: typeof HIDDEN = JSON.parse(
  JSON.stringify(HIDDEN).replaceAll('crm__', '').replaceAll('crm+', '').replaceAll('nop+key', 'nop'),
) as typeof HIDDEN;

/** Answers differ in what was asked for alone. */
const without = (answer: JsonObject, subject: string) => JSON.stringify(answer).replaceAll(subject, '');
const subjectOf = ({ name, uri, ref }: JsonObject): string =>
  (name ?? uri ?? (ref as JsonObject)['name'] ?? (ref as JsonObject)['uri']) as string;

describe('what a policy hides', () => {
  it.each(HIDDEN)('answers %s on the route of all groups as what does not exist', async (method, hidden, unknown) => {
    const crm = group('crm');
    const topology = await bench.topology([crm, group('wiki')]);
    await send(topology, { principal: bob, method: 'tools/list' });
    const [first, second] = [
      await send(topology, { principal: ann, method, params: hidden }),
      await send(topology, { principal: ann, method, params: unknown }),
    ];
    expect(first).toHaveProperty('code');
    expect(without(first, subjectOf(hidden))).toBe(without(second, subjectOf(unknown)));
    expect(crm.sent).toEqual([]);
    expect(denied[0]).toBe('hidden');
  });

  it('is not told from what does not exist by how it is spelled', async () => {
    const crm = group('crm');
    const topology = await bench.topology([crm, group('wiki')]);
    await send(topology, { principal: bob, method: 'tools/list' });
    const named = (name: string) => ({ name, Name: name });
    const [first, second] = [
      await send(topology, { principal: ann, method: 'tools/call', params: named('crm__write') }),
      await send(topology, { principal: ann, method: 'tools/call', params: named('crm__nope1') }),
    ];
    expect(first).toHaveProperty('code');
    expect(without(first, 'crm__write')).toBe(without(second, 'crm__nope1'));
    expect(crm.sent).toEqual([]);
    expect(denied).toEqual(['hidden']);
  });

  it.each(OWN)('answers %s on the route of one group as what no rule names', async (method, hidden, unknown) => {
    const crm = group('crm');
    const topology = await bench.topology([crm]);
    const path = '/mcp/crm';
    const [first, second] = [
      await send(topology, { principal: ann, path, method, params: hidden }),
      await send(topology, { principal: ann, path, method, params: unknown }),
    ];
    expect(first).toHaveProperty('code');
    expect(without(first, subjectOf(hidden))).toBe(without(second, subjectOf(unknown)));
    expect(crm.sent).toEqual([]);
    expect(denied).toEqual(['hidden', 'hidden']);
  });

  it.each([...HIDDEN, ...OWN])('is there for whoever may see it: %s %j', async (method, params) => {
    const crm = group('crm');
    const topology = await bench.topology([crm]);
    const path = JSON.stringify(params).includes('crm') ? '/mcp' : '/mcp/crm';
    expect(await send(topology, { principal: bob, path, method, params })).not.toHaveProperty('code');
    expect(denied).toEqual([]);
  });
});

describe('what a policy allows only in part', () => {
  const pay = (topology: Topology, args: string, path = '/mcp/crm') =>
    send(topology, { principal: ann, path, method: 'tools/call', params: `{"name":"pay","arguments":${args}}` });

  it('is denied, not unknown, where the arguments are not allowed, and never reaches a server', async () => {
    const crm = group('crm');
    const topology = await bench.topology([crm]);
    expect(await pay(topology, '{"amount":100}')).toEqual({ content: [] });
    crm.sent.length = 0;
    for (const args of ['{"amount":101}', '{}', '{"amount":1,"amount":1000}', '{"amount":1,"Amount":1000}', '[]']) {
      expect(await pay(topology, args)).toMatchObject({ code: -32603, data: { reason: 'access_denied' } });
    }
    expect(crm.sent).toEqual([]);
    expect(new Set(denied)).toEqual(new Set(['condition']));
  });

  it('asks for scopes that are missing', async () => {
    policies = new Policies(
      await policy('[[security.policy.rules]]\nname="a"\ntools=["read"]\nscopes=["crm:read","crm:all"]'),
      bench.events,
    );
    bench.access = policies;
    const crm = group('crm');
    const topology = await bench.topology([crm]);
    const read = { method: 'tools/call', params: { name: 'crm__read' } };
    expect(await send(topology, { principal: ann, ...read })).toMatchObject({
      data: { reason: 'auth_insufficient_scope', scopes: ['crm:read', 'crm:all'] },
    });
    const scoped = { ...ann, scopes: ['crm:all', 'crm:read'] };
    expect(await send(topology, { principal: scoped, ...read })).toEqual({ content: [] });
    expect(denied).toEqual(['scope']);
    expect(await send(topology, { principal: ann, method: 'tools/list' })).toMatchObject({
      tools: [{ name: 'crm__read' }],
    });
  });

  it.each([
    '{"name":"read","Name":"write"}',
    '{"NAME":"write","name":"read"}',
    '{"name":"read","arguments":{},"Arguments":{"a":1}}',
  ])('is refused where it says in another case what was not judged: %s', async (params) => {
    const crm = group('crm');
    const topology = await bench.topology([crm]);
    const answer = await send(topology, { principal: ann, path: '/mcp/crm', method: 'tools/call', params });
    expect(answer).toMatchObject({ code: -32602 });
    expect(crm.sent).toEqual([]);
  });
});

describe('a condition over what the server says of a tool', () => {
  it('asks the server on the route of one group, and hides what it does not tell of', async () => {
    policies = new Policies(
      await policy('[[security.policy.rules]]\nname="a"\nwhen="tool.annotations.readOnlyHint == true"'),
      bench.events,
    );
    bench.access = policies;
    const tools = `{"tools":[{"name":"read",${SCHEMA},"annotations":{"readOnlyHint":true}},{"name":"write",${SCHEMA}}]}`;
    const crm = group('crm', { on: { 'tools/list': () => tools } });
    const topology = await bench.topology([crm]);
    const called = (name: string) => {
      return send(topology, { principal: ann, path: '/mcp/crm', method: 'tools/call', params: { name } });
    };
    expect(await called('read')).toEqual({ content: [] });
    expect(await called('write')).toMatchObject({ code: -32602 });
    expect(await called('nope')).toMatchObject({ code: -32602 });
    expect(crm.sent).toHaveLength(1);
  });
});

describe('replies where there is a policy', () => {
  it('are for nobody but whoever asked, whatever the server says', async () => {
    const read = '{"contents":[],"ttlMs":60000,"cacheScope":"public"}';
    const crm = group('crm', { era: 'modern', on: { 'resources/read': () => modernSuccess(read) } });
    const topology = await bench.topology([crm], { lists: { mayBePublic: true } });
    for (const principal of [ann, bob]) {
      const changed = { method: 'resources/read', deadline: bench.clock.now() + 60_000, route: 'crm' };
      const { exchange } = new ModernRequest({ principal, changed });
      const reply = await topology.find('/mcp/crm')!.handle(request('resources/read', { uri: 'doc://a' }), exchange);
      expect(reply).toMatchObject({ kind: 'result', freshness: { scope: 'private' } });
    }
  });
});

describe('a gateway without a policy', () => {
  it('has no filter for it', async () => {
    const none = new Policies(await policy(''), bench.events);
    expect(new PolicyFilter(none, bench.events).idle).toBe(true);
    expect(none.sightOf(ann, 'mcp')).toBeUndefined();
  });
});

describe('the configuration of a policy', () => {
  it.each([
    ['name = "a"\nwhen = "foo == 1"', 'security.policy.rules[0].when', 'Unknown variable: foo'],
    ['name = "a"\n[[security.policy.rules]]\nname = "a"', 'security.policy.rules[1].name', 'already'],
  ])('is refused: %s', async (rule, key, message) => {
    const checked = await policy(`[[security.policy.rules]]\n${rule}`);
    policies = new Policies(checked, bench.events);
    const [problem, ...others] = await checked.verify();
    expect(problem).toMatchObject({ key, line: expect.any(Number) });
    expect(problem?.message).toContain(message);
    expect(others).toEqual([]);
  });

  it.each(['tools = ["!delete_*"]', 'roles = [""]', 'scopes = ["a b"]', 'tool = ["x"]', 'name = ""', 'when = ""'])(
    'is refused: %s',
    async (line) => {
      const source = new TextSource(
        `[[security.policy.rules]]\n${line.startsWith('name') ? '' : 'name = "a"\n'}${line}`,
      );
      const { problems } = await openConfig({ source, sections: [PolicySection], environment: {} });
      expect(problems.map(({ key }) => key)).toEqual([expect.stringMatching(/^security\.policy\.rules\[0\]\./)]);
    },
  );

  it('takes effect with a reload', async () => {
    expect(policies.sightOf(ann, 'mcp')?.reaches('wiki')).toBe(true);
    await config.apply(new TextSource('[[security.policy.rules]]\nname = "a"\nroles = ["reader"]'));
    expect(policies.sightOf(ann, 'mcp')).toBeUndefined();
    expect(policies.sightOf(bob, 'mcp')?.reaches('crm')).toBe(false);
  });
});
