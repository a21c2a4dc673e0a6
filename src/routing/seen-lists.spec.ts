import { FakeGroup, type FakeGroupOptions } from '../../test/support/fake-group.js';
import { request, RoutingBench, TestStay } from '../../test/support/routing.js';
import { principalIn, RoleSights } from '../../test/support/sights.js';
import { GatewayError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import type { McpReply } from '../core/message.js';
import type { Principal } from '../core/principal.js';
import type { Topology } from './topology.js';

const tool = (name: string) => `{"name":"${name}","inputSchema":{"type":"object"},"x":1e2}`;
const GROUP = {
  'tools/list': () => `{"tools":[${['a', 'b', 'c', 'd', 'e'].map(tool).join(',')}],"_meta":{"of":"e"}}`,
  'prompts/list': () => '{"prompts":[{"name":"a"},{"name":"b"}]}',
  'resources/list': () => '{"resources":[{"uri":"x:a","name":"1"},{"uri":"x:b","name":"2"}],"_meta":{"of":"b"}}',
  'resources/templates/list': () =>
    '{"resourceTemplates":[{"uriTemplate":"x:{a}","name":"1"},{"uriTemplate":"y:{b}","name":"2"}]}',
};

const some = principalIn('some');
const all = principalIn('all');

let bench: RoutingBench;
let access: RoleSights;

beforeEach(() => {
  bench = new RoutingBench();
  access = new RoleSights({ some: ['crm a', 'crm c', 'crm e', 'crm x:a', 'crm x:{a}'], none: [] });
  bench.access = access;
});

function group(name: string, options: FakeGroupOptions = {}): FakeGroup {
  return new FakeGroup(name, { isolation: 'shared', ...options, on: { ...GROUP, ...options.on } });
}

function ask(
  topology: Topology,
  principal: Principal,
  method: string,
  { path = '/mcp', cursor = '' } = {},
): Promise<McpReply> {
  const route = topology.find(path)!;
  const stay = new TestStay('stay', { principal });
  const exchange = bench.exchange({ stay, principal, method, route: route.name });
  return route.handle(request(method, cursor === '' ? undefined : { cursor }), exchange);
}

const textOf = async (reply: Promise<McpReply>) => (await reply).json.bytes.toString();

async function pages(
  topology: Topology,
  principal: Principal,
  path = '/mcp',
  method = 'tools/list',
): Promise<string[][]> {
  const found: string[][] = [];
  let cursor: string | undefined = '';
  while (cursor !== undefined) {
    const page: JsonObject = (await ask(topology, principal, method, { path, cursor })).json.object();
    const items = Object.values(page)[0] as { name: string; uri?: string }[];
    found.push(items.map(({ name, uri }) => uri ?? name));
    cursor = page['nextCursor'] as string | undefined;
  }
  return found;
}

describe('the lists of whoever may see only a part', () => {
  it('have that part, byte for byte, and nothing else of the answer of the server', async () => {
    const topology = await bench.topology([group('crm')]);
    const own = { path: '/mcp/crm' };
    expect(await textOf(ask(topology, some, 'tools/list', own))).toBe(
      `{"tools":[${tool('a')},${tool('c')},${tool('e')}]}`,
    );
    expect(await textOf(ask(topology, some, 'prompts/list', own))).toBe('{"prompts":[{"name":"a"}]}');
    expect(await textOf(ask(topology, some, 'resources/list', own))).toBe('{"resources":[{"uri":"x:a","name":"1"}]}');
    expect(await textOf(ask(topology, some, 'resources/templates/list', own))).toBe(
      '{"resourceTemplates":[{"uriTemplate":"x:{a}","name":"1"}]}',
    );
    expect(await textOf(ask(topology, all, 'tools/list', own))).toBe(GROUP['tools/list']());
    expect(await textOf(ask(topology, all, 'resources/list', own))).toBe(GROUP['resources/list']());
  });

  it('go by the names that the group gave, whatever the route calls them', async () => {
    const topology = await bench.topology([group('crm'), group('wiki')]);
    expect(await pages(topology, some)).toEqual([['crm__a', 'crm__c', 'crm__e']]);
    expect(await pages(topology, some, '/mcp', 'resources/list')).toEqual([['crm+x:a']]);
    expect(await pages(topology, principalIn('none'))).toEqual([[]]);
    expect((await pages(topology, all)).flat()).toHaveLength(10);
  });

  it('are put together once for all who see the same', async () => {
    const topology = await bench.topology([group('crm')]);
    const first = await ask(topology, some, 'tools/list');
    const { asked } = access;
    for (let n = 0; n < 100; n++) {
      expect((await ask(topology, principalIn('some', `s${n}`), 'tools/list')).json).toBe(first.json);
    }
    expect(access.asked).toBe(asked);
    expect((await ask(topology, all, 'tools/list')).json).not.toBe(first.json);
  });

  it('are read page by page to their end, whatever stands between what is seen', async () => {
    const topology = await bench.topology([group('crm'), group('wiki')], { pageSize: 2 });
    expect(await pages(topology, some)).toEqual([['crm__a', 'crm__c'], ['crm__e']]);
    expect((await pages(topology, all)).map(({ length }) => length)).toEqual([2, 2, 2, 2, 2]);
  });

  it('are not gone on with by whoever sees something else by then', async () => {
    const topology = await bench.topology([group('crm')], { pageSize: 2 });
    const { nextCursor } = (await ask(topology, some, 'tools/list')).json.object();
    access.seen['some'] = ['crm b', 'crm c', 'crm d'];
    const later = ask(topology, some, 'tools/list', { cursor: nextCursor as string });
    await expect(later).rejects.toThrow('Invalid cursor');
    delete access.seen['some'];
    const freed = ask(topology, some, 'tools/list', { cursor: nextCursor as string });
    await expect(freed).rejects.toThrow(GatewayError);
  });

  it('do not tell of a group that is hidden that it is down', async () => {
    const [crm, wiki] = [group('crm'), group('wiki')];
    const topology = await bench.topology([crm, wiki]);
    wiki.down = true;
    for (const method of ['tools/list', 'resources/list']) {
      expect(await textOf(ask(topology, all, method))).toContain('wiki');
      expect(await textOf(ask(topology, some, method))).not.toContain('wiki');
    }
  });

  it('are by who asks, though it is the stay of somebody else', async () => {
    const topology = await bench.topology([group('crm')]);
    const stay = new TestStay('stay', { principal: all });
    const exchange = bench.exchange({ stay, principal: some, method: 'tools/list' });
    const { json } = await topology.find('/mcp')!.handle(request('tools/list'), exchange);
    expect(json.bytes.toString()).not.toContain('crm__b');
  });
});

describe('what else tells of groups', () => {
  it('is silent about those of which nothing may be seen', async () => {
    const topology = await bench.topology([
      group('crm', { instructions: 'Ask first.' }),
      group('wiki', { instructions: 'Secret.' }),
    ]);
    const said = (path: string, principal: Principal) => topology.find(path)!.introduction(principal).instructions;
    expect(said('/mcp', some)).toBe('## crm\n\nAsk first.');
    expect(said('/mcp', all)).toContain('Secret.');
    expect([said('/mcp/wiki', some), said('/mcp/crm', some)]).toEqual([undefined, 'Ask first.']);
  });

  it('does not let anybody set the log level of what is hidden', async () => {
    const [crm, wiki] = [group('crm'), group('wiki')];
    const topology = await bench.topology([crm, wiki]);
    const stay = new TestStay('stay', { principal: some });
    await bench.ask(topology, stay, '/mcp', 'logging/setLevel', { level: 'debug' });
    expect([crm.levels, wiki.levels]).toEqual([['debug'], []]);
  });
});
