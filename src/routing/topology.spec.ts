import { FakeGroup } from '../../test/support/fake-group.js';
import { request, RoutingBench } from '../../test/support/routing.js';
import { ANONYMOUS } from '../core/principal.js';
import type { UpstreamSection } from '../upstream/index.js';
import { checkNames, checkPrefixes } from './topology.check.js';

const TOOLS = '{"tools":[{"name":"a","inputSchema":{"type":"object"}}]}';

function group(name: string, call: () => string | Promise<string> = () => '{"content":[]}'): FakeGroup {
  return new FakeGroup(name, { prefix: '', on: { 'tools/list': () => TOOLS, 'tools/call': call } });
}

let bench: RoutingBench;

beforeEach(() => {
  bench = new RoutingBench();
});

describe('a topology', () => {
  it('has a route for all groups and one for each, with or without a trailing slash', async () => {
    const topology = await bench.topology([group('crm'), group('wiki')]);
    const found = ['/mcp', '/mcp/', '/mcp/crm', '/mcp/wiki/'].map((path) => topology.find(path)?.name);
    expect(found).toEqual(['mcp', 'mcp', 'crm', 'wiki']);
    for (const path of ['/', '/mcp//', '/mcp/x', '/mcp/crm/x', '/MCP', '']) expect(topology.find(path)).toBeUndefined();
  });

  it('introduces its routes by what their groups are', async () => {
    const crm = new FakeGroup('crm', { capabilities: { tools: {} }, instructions: 'Ask first.' });
    const wiki = new FakeGroup('wiki', { capabilities: { prompts: {} } });
    const topology = await bench.topology([crm, wiki], { instructions: 'Welcome.' });
    expect(topology.find('/mcp')?.introduction(ANONYMOUS)).toEqual({
      capabilities: { prompts: { listChanged: true }, tools: { listChanged: true } },
      instructions: 'Welcome.\n\n## crm\n\nAsk first.',
      ttlMs: 60_000,
    });
    expect(topology.find('/mcp/crm')?.introduction(ANONYMOUS)).toEqual({
      capabilities: { tools: { listChanged: true } },
      instructions: 'Ask first.',
      ttlMs: 60_000,
    });
  });

  it('knows what is under way', async () => {
    let answer: (text: string) => void = () => undefined;
    const topology = await bench.topology([group('crm', () => new Promise((resolve) => (answer = resolve)))]);
    const call = topology.find('/mcp/crm')!.handle(request('tools/call', { name: 'a' }), bench.exchange());
    let idle = false;
    void topology.usage.idle(bench.clock, 60_000).then(() => (idle = true));
    await vi.waitFor(() => answer('{"content":[]}'));
    expect(idle).toBe(false);
    await call;
    await vi.waitFor(() => expect(idle).toBe(true));
    expect(bench.clock.timers).toBe(0);
  });

  it('is not waited for longer than an exchange can last', async () => {
    const topology = await bench.topology([group('crm', () => new Promise(() => undefined))]);
    void topology.find('/mcp/crm')!.handle(request('tools/call', { name: 'a' }), bench.exchange());
    const idle = topology.usage.idle(bench.clock, 60_000);
    bench.clock.advance(60_000);
    await idle;
  });
});

describe('a new generation', () => {
  it('leaves an exchange in the one in which it began', async () => {
    let answer: (text: string) => void = () => undefined;
    const [before, after] = [group('crm', () => new Promise((resolve) => (answer = resolve))), group('crm')];
    const first = await bench.topology([before]);
    const call = first.find('/mcp')!.handle(request('tools/call', { name: 'a' }), bench.exchange());
    await vi.waitFor(() => expect(before.sent).toHaveLength(1));

    const second = await bench.topology([after], { earlier: first });
    await bench.call(second, '/mcp', 'tools/call', { name: 'a' });
    answer('{"content":[],"from":"before"}');
    expect((await call).json.parse()).toMatchObject({ from: 'before' });
    expect([before.sent.length, after.sent.length]).toEqual([1, 1]);
  });

  it('knows the names of the one before, so that no call waits for a list', async () => {
    const first = await bench.topology([group('crm')]);
    await bench.call(first, '/mcp', 'tools/list');
    const after = group('crm');
    const second = await bench.topology([after], { earlier: first });

    const call = second.find('/mcp')!.handle(request('tools/call', { name: 'a' }), bench.exchange());
    expect(after.sent).toHaveLength(1);
    await call;
    expect(after.asked).toEqual([]);
    await bench.call(second, '/mcp', 'tools/list');
    expect(after.asked).toHaveLength(1);
  });

  it('ends the listening of the one before', async () => {
    const before = group('crm');
    const first = await bench.topology([before]);
    expect(before.listening).toBeGreaterThan(0);
    first.close();
    expect(before.listening).toBe(0);
  });
});

describe('the names of the groups of a configuration', () => {
  it('may be any but that of the route of all groups', () => {
    const check = (...names: string[]) =>
      checkNames({ groups: Object.fromEntries(names.map((name) => [name, {}])) } as unknown as UpstreamSection);
    expect(check('default', 'crm')).toEqual([]);
    expect(check('crm', 'mcp')).toMatchObject([{ key: 'upstream.groups.mcp' }]);
  });
});

describe('the prefixes of a configuration', () => {
  const check = (groups: Record<string, { prefix?: string }>) =>
    checkPrefixes({ groups } as unknown as UpstreamSection);

  it('are different, or empty', () => {
    expect(check({ default: {}, crm: {}, wiki: { prefix: 'w' }, a: { prefix: '' }, b: { prefix: '' } })).toEqual([]);
  });

  it('may not be the same, given or not', () => {
    expect(check({ crm: {}, erp: { prefix: 'crm' } })).toEqual([
      { key: 'upstream.groups.erp.prefix', message: 'the prefix "crm" is already that of the group "crm"' },
    ]);
    expect(check({ erp: { prefix: 'crm' }, crm: {} })).toEqual([
      { key: 'upstream.groups.crm', message: 'the prefix "crm" is already that of the group "erp"' },
    ]);
  });
});
