import { FakeGroup, type FakeGroupOptions } from '../../test/support/fake-group.js';
import { request, RoutingBench, TestStay, type PlanOverride } from '../../test/support/routing.js';
import type { Exchange } from '../core/exchange.js';
import type { McpResult } from '../core/message.js';
import type { Peer } from '../core/peer.js';
import type { Topology } from './topology.js';

const MODERN: Peer = {
  era: 'modern',
  revision: '2026-07-28',
  capabilities: {},
  info: { name: 'client', version: '1' },
};
const HOUR = 3_600_000;

interface Told {
  ttlMs: unknown;
  cacheScope: unknown;
  names: readonly string[];
}

let bench: RoutingBench;
let tolerated: string[];

beforeEach(() => {
  bench = new RoutingBench();
  tolerated = [];
  bench.events.on('message.tolerated', ({ where, why }) => tolerated.push(`${where} ${why}`));
});

function page({ ttlMs, cacheScope, names }: Told): string {
  const tools = names.map((name) => ({ name, inputSchema: { type: 'object' } }));
  return JSON.stringify({ resultType: 'complete', tools, ttlMs, cacheScope });
}

/** A modern group whose tools can be told otherwise later. */
function modern(name: string, told: Partial<Told> = {}, options: FakeGroupOptions = {}) {
  const says: Told = { ttlMs: 1_000, cacheScope: 'public', names: ['a'], ...told };
  const group = new FakeGroup(name, {
    era: 'modern',
    ...options,
    on: { 'tools/list': () => page(says), ...options.on },
  });
  return { group, says };
}

function legacy(name: string): FakeGroup {
  const on = { 'tools/list': () => '{"tools":[{"name":"a","inputSchema":{"type":"object"}}]}' };
  return new FakeGroup(name, { on, capabilities: { tools: { listChanged: true }, resources: {} } });
}

const OPEN: PlanOverride = { lists: { mayBePublic: true } };

async function list(
  topology: Topology,
  { path = '/mcp', method = 'tools/list', cursor }: { path?: string; method?: string; cursor?: string } = {},
  changed: Partial<Exchange> = {},
): Promise<McpResult> {
  const stay = new TestStay('visit');
  stay.peer = MODERN;
  const exchange = bench.exchange({ peer: MODERN, stay, ...changed });
  const asked = request(method, cursor === undefined ? {} : { cursor });
  return (await topology.find(path)!.handle(asked, exchange)) as McpResult;
}

const freshness = async (...asked: Parameters<typeof list>) => (await list(...asked)).freshness;
const cursorOf = ({ json }: McpResult) => json.object()['nextCursor'] as string;

describe('a list of a modern server', () => {
  it('is asked for again as soon as it has lasted as long as the server said', async () => {
    const { group } = modern('crm');
    const topology = await bench.topology([group]);
    await list(topology);
    bench.clock.advance(999);
    await list(topology);
    expect(group.asked).toHaveLength(1);
    bench.clock.advance(1);
    await list(topology);
    expect(group.asked).toHaveLength(2);
    expect(tolerated).toEqual([]);
  });

  it('lasts as long for legacy clients, whatever the server promises to announce', async () => {
    const { group } = modern('crm');
    const topology = await bench.topology([group]);
    for (const wait of [0, 999, 1]) {
      bench.clock.advance(wait);
      await bench.call(topology, '/mcp', 'tools/list');
    }
    expect(group.asked).toHaveLength(2);
  });

  it('is asked for each time where it may not be used again, but by many at once only once', async () => {
    const { group } = modern('crm', { ttlMs: 0 });
    const topology = await bench.topology([group]);
    await Promise.all(Array.from({ length: 20 }, () => list(topology)));
    expect(group.asked).toHaveLength(1);
    await list(topology);
    expect(group.asked).toHaveLength(2);
  });

  it('may not be used again where the server does not say so, which is counted', async () => {
    const { group, says } = modern('crm', { ttlMs: undefined });
    const topology = await bench.topology([group], OPEN);
    expect(await freshness(topology)).toEqual({ ttlMs: 0, scope: 'public' });
    says.ttlMs = -5;
    says.cacheScope = undefined;
    expect(await freshness(topology)).toEqual({ ttlMs: 0, scope: 'private' });
    expect(group.asked).toHaveLength(2);
    expect(tolerated).toEqual(['upstream freshness', 'upstream freshness']);
  });

  it('is used for an hour at most', async () => {
    const { group } = modern('crm', { ttlMs: 24 * HOUR });
    const topology = await bench.topology([group]);
    expect(await freshness(topology)).toEqual({ ttlMs: HOUR, scope: 'private' });
    bench.clock.advance(HOUR);
    await list(topology);
    expect(group.asked).toHaveLength(2);
  });

  it('is asked for before its time when it has changed', async () => {
    const { group, says } = modern('crm', { ttlMs: HOUR });
    const topology = await bench.topology([group]);
    await list(topology);
    says.names = ['b'];
    group.announce('tools');
    expect((await list(topology)).json.object()['tools']).toMatchObject([{ name: 'crm__b' }]);
  });

  it('stands in when the server cannot be asked again, for no time at all', async () => {
    const { group } = modern('crm');
    const topology = await bench.topology([group]);
    await list(topology);
    bench.clock.advance(1_000);
    group.down = true;
    const { json, freshness: told } = await list(topology);
    expect(json.object()).toMatchObject({ tools: [{ name: 'crm__a' }], _meta: { 'mcp-gateway/degraded': ['crm'] } });
    expect(told).toEqual({ ttlMs: 0, scope: 'private' });
  });

  it('is good for finding its tools however old it is', async () => {
    const { group } = modern('crm', { ttlMs: 0 }, { on: { 'tools/call': () => '{"content":[]}' } });
    const topology = await bench.topology([group]);
    await list(topology);
    await bench.call(topology, '/mcp', 'tools/call', { name: 'crm__a' });
    expect(group.asked).toHaveLength(1);
  });

  it('is the same list while only its time is told differently', async () => {
    const { group, says } = modern('crm', { ttlMs: 1_000 });
    const topology = await bench.topology([group]);
    const lists = topology.lists.get('crm')!;
    const first = await lists.load('tools');
    says.ttlMs = 7;
    group.announce('tools');
    expect(await lists.load('tools')).toBe(first);
    expect(await freshness(topology)).toEqual({ ttlMs: 7, scope: 'private' });
    says.cacheScope = 'private';
    group.announce('tools');
    expect(await lists.load('tools')).not.toBe(first);
  });

  it('lasts as long as the page of it that ends first', async () => {
    const told = (ttlMs: number, name: string, nextCursor?: string) =>
      JSON.stringify({ ...JSON.parse(page({ ttlMs, cacheScope: 'public', names: [name] })), nextCursor });
    const on = {
      'tools/list': ({ params }: { params?: { text: (name: 'cursor') => string | undefined } | undefined }) => {
        if (params?.text('cursor') !== undefined) return told(5_000, 'b');
        return told(2_000, 'a', '');
      },
    };
    const topology = await bench.topology([new FakeGroup('crm', { era: 'modern', on })], OPEN);
    expect(await freshness(topology)).toEqual({ ttlMs: 2_000, scope: 'public' });
  });
});

describe('what a modern client is told of a merged list', () => {
  it('is what is left of the part that ends first, and private', async () => {
    const topology = await bench.topology([modern('crm').group, modern('wiki', { ttlMs: 5_000 }).group]);
    expect(await freshness(topology)).toEqual({ ttlMs: 1_000, scope: 'private' });
    bench.clock.advance(400.5);
    expect(await freshness(topology)).toEqual({ ttlMs: 599, scope: 'private' });
  });

  it('is public only where that is allowed and every server says so', async () => {
    const { group, says } = modern('wiki');
    const topology = await bench.topology([modern('crm').group, group], OPEN);
    expect(await freshness(topology)).toEqual({ ttlMs: 1_000, scope: 'public' });
    says.cacheScope = 'private';
    group.announce('tools');
    expect(await freshness(topology)).toEqual({ ttlMs: 1_000, scope: 'private' });
  });

  it('is private where it is the list of somebody alone', async () => {
    const own = new FakeGroup('old', { isolation: 'principal', capabilities: { prompts: {} } });
    const topology = await bench.topology([modern('crm').group, own], OPEN);
    expect(await freshness(topology)).toEqual({ ttlMs: 1_000, scope: 'private' });
  });

  it('is nothing where a legacy server has a part in it, or one that is away', async () => {
    const { group } = modern('crm');
    const withLegacy = await bench.topology([group, legacy('old')], OPEN);
    expect(await freshness(withLegacy)).toEqual({ ttlMs: 0, scope: 'private' });
    const away = legacy('old').unreached();
    const withNobody = await bench.topology([group, away], { lists: { mayBePublic: true, firstWait: 0 } });
    expect(await freshness(withNobody)).toEqual({ ttlMs: 0, scope: 'private' });
  });

  it('does not depend on groups that have no such list', async () => {
    const other = new FakeGroup('old', { capabilities: { prompts: {} } });
    const topology = await bench.topology([modern('crm').group, other], OPEN);
    expect(await freshness(topology)).toEqual({ ttlMs: 1_000, scope: 'public' });
  });

  it('is told of every page, and nothing is left of it once the list was told anew', async () => {
    const { group, says } = modern('crm', { names: ['a', 'b', 'c'] });
    const topology = await bench.topology([group], { pageSize: 2, ...OPEN });
    const first = await list(topology);
    expect(first.freshness).toEqual({ ttlMs: 1_000, scope: 'public' });
    const cursor = cursorOf(first);
    expect(await freshness(topology, { cursor })).toEqual({ ttlMs: 1_000, scope: 'public' });
    says.names = ['z'];
    group.announce('tools');
    await list(topology);
    const late = await list(topology, { cursor });
    expect(late.json.object()['tools']).toMatchObject([{ name: 'crm__c' }]);
    expect(late.freshness).toEqual({ ttlMs: 0, scope: 'private' });
  });

  it('cannot be had by a cursor that is not ours, or is another principal’s', async () => {
    const topology = await bench.topology([modern('crm', { names: ['a', 'b'] }).group], { pageSize: 1 });
    const cursor = cursorOf(await list(topology));
    const invalid = { code: 'protocol_invalid_params', message: 'Invalid cursor' };
    await expect(list(topology, { cursor: 'zzz' })).rejects.toMatchObject(invalid);
    const stranger = { principal: bench.principal('mallory') };
    await expect(list(topology, { cursor }, stranger)).rejects.toMatchObject(invalid);
  });
});

describe('the answer of one server under its own names', () => {
  it('is the very bytes in the words of its era, the same for all legacy clients', async () => {
    const { group, says } = modern('crm');
    const topology = await bench.topology([group]);
    const shown = await list(topology, { path: '/mcp/crm' });
    expect(shown.json.bytes.toString()).toBe(page(says));
    expect(shown.type).toBe('complete');
    const [one, other] = [
      await bench.send(topology, '/mcp/crm', 'tools/list'),
      await bench.send(topology, '/mcp/crm', 'tools/list'),
    ];
    expect(one).toBe(other);
    expect(one).toMatchObject({ type: 'complete' });
    expect(one).not.toHaveProperty('freshness');
  });

  it('is in legacy words where it was put together anew', async () => {
    const topology = await bench.topology([modern('crm').group]);
    expect((await list(topology)).type).toBeUndefined();
  });
});

describe('the resources that a modern client is told', () => {
  type Pages = Readonly<Record<string, { readonly ttlMs: number; readonly scope?: string; readonly next?: string }>>;

  function resources(name: string, pages: Pages): FakeGroup {
    return new FakeGroup(name, {
      era: 'modern',
      on: {
        'resources/list': ({ params }) => {
          const at = params?.text('cursor') ?? 'first';
          const { ttlMs, scope: cacheScope = 'public', next: nextCursor } = pages[at]!;
          const resource = { uri: `db://${name}/${at}`, name: 'n' };
          return JSON.stringify({ resources: [resource], nextCursor, ttlMs, cacheScope });
        },
      },
    });
  }

  const method = 'resources/list';

  it('last as long as what stands on the page', async () => {
    const crm = resources('crm', { first: { ttlMs: 1_000, next: '' }, '': { ttlMs: 3_000 } });
    const topology = await bench.topology([crm, resources('wiki', { first: { ttlMs: 2_000 } })], OPEN);
    const first = await list(topology, { method });
    expect(first.json.object()['resources']).toEqual([{ uri: 'crm+db://crm/first', name: 'n' }]);
    expect(first.freshness?.ttlMs).toBe(1_000);
    bench.clock.advance(500);
    expect(await freshness(topology, { method })).toMatchObject({ ttlMs: 500 });
    const second = await list(topology, { method, cursor: cursorOf(first) });
    expect(second.json.object()['resources']).toMatchObject([
      { uri: 'crm+db://crm/' },
      { uri: 'wiki+db://wiki/first' },
    ]);
    expect(second.freshness).toEqual({ ttlMs: 1_500, scope: 'public' });
  });

  it('are private while any of the groups has not said that its own are public', async () => {
    const crm = resources('crm', { first: { ttlMs: 1_000, next: 'c' }, c: { ttlMs: 1_000 } });
    const wiki = resources('wiki', { first: { ttlMs: 1_000, scope: 'private' } });
    const topology = await bench.topology([crm, wiki], OPEN);
    const first = await list(topology, { method });
    expect(first.freshness).toEqual({ ttlMs: 1_000, scope: 'private' });
    await list(topology, { method, cursor: cursorOf(first) });
    expect(await freshness(topology, { method })).toEqual({ ttlMs: 1_000, scope: 'private' });
  });

  it('last for no time where a group of the page is of the legacy era, or away', async () => {
    const crm = resources('crm', { first: { ttlMs: 1_000 } });
    const old = new FakeGroup('old', { on: { 'resources/list': () => '{"resources":[]}' } });
    const topology = await bench.topology([crm, old], OPEN);
    expect(await freshness(topology, { method })).toEqual({ ttlMs: 0, scope: 'private' });
    old.down = true;
    expect(await freshness(topology, { method })).toEqual({ ttlMs: 0, scope: 'private' });
  });

  it('are the very bytes of one server but for the cursor, in the words of its era', async () => {
    const crm = resources('crm', { first: { ttlMs: 1_000, next: 'c' }, c: { ttlMs: 2_000 } });
    const topology = await bench.topology([crm], OPEN);
    const first = await list(topology, { path: '/mcp/crm', method });
    expect(first).toMatchObject({ type: 'complete', freshness: { ttlMs: 1_000, scope: 'public' } });
    const last = await list(topology, { path: '/mcp/crm', method, cursor: cursorOf(first) });
    expect(last).toMatchObject({ type: 'complete', freshness: { ttlMs: 2_000, scope: 'public' } });
    expect(last.json.object()['resources']).toEqual([{ uri: 'db://crm/c', name: 'n' }]);
  });
});
