import { FakeGroup, failure } from '../../../test/support/fake-group.js';
import { RoutingBench } from '../../../test/support/routing.js';
import type { Era } from '../../core/peer.js';

let bench: RoutingBench;

beforeEach(() => {
  bench = new RoutingBench();
});

/** @param header undefined for none */
function tool(name: string, header: unknown, type = 'string'): object {
  const region = header === undefined ? { type } : { type, 'x-mcp-header': header };
  return { name, inputSchema: { type: 'object', properties: { region } } };
}

function groupOf(era: Era, tools: readonly object[]) {
  const group = new FakeGroup('crm', { era, on: { 'tools/list': () => JSON.stringify({ tools, ttlMs: 1e6 }) } });
  return group;
}

describe('the arguments that stand in headers as well', () => {
  it('are known by the name that the group has for the tool, once it was listed', async () => {
    const topology = await bench.topology([groupOf('modern', [tool('a.b', 'Region'), tool('c', undefined)])]);
    const lists = topology.lists.get('crm')!;
    expect(lists.mirrors('a.b')).toBeUndefined();
    await lists.load('tools');
    expect(lists.mirrors('a.b')).toEqual([{ name: 'Region', path: ['region'] }]);
    expect(lists.mirrors('c')).toBeUndefined();
    expect(lists.mirrors('crm__a_b')).toBeUndefined();
    expect(lists.mirrors('toString')).toBeUndefined();
  });

  it('are known over a change of the configuration', async () => {
    const group = groupOf('modern', [tool('a', 'Region')]);
    const earlier = await bench.topology([group]);
    await earlier.lists.get('crm')!.load('tools');
    const topology = await bench.topology([group], { earlier });
    expect(topology.lists.get('crm')!.mirrors('a')).toHaveLength(1);
  });

  it('are read even where their declaration is written with escapes', async () => {
    const text = JSON.stringify({ tools: [tool('a', 'Region')] }).replace('x-mcp', '\\u0078-mcp');
    const topology = await bench.topology([new FakeGroup('crm', { era: 'modern', on: { 'tools/list': () => text } })]);
    const lists = topology.lists.get('crm')!;
    await lists.load('tools');
    expect(lists.mirrors('a')).toHaveLength(1);
  });

  it('cost a tool its place where they are declared wrongly, and the others nothing', async () => {
    const wrong = [tool('a', ''), tool('b', 'no token'), tool('c', 'X', 'number'), tool('d', 7)];
    const topology = await bench.topology([groupOf('modern', [...wrong, tool('e', 'Region')])]);
    const { items, dropped } = await topology.lists.get('crm')!.load('tools');
    expect(items.map(({ key }) => key)).toEqual(['e']);
    expect(dropped).toBe(4);
    await bench.call(topology, '/mcp', 'tools/list');
    expect(bench.notices).toEqual(['group crm: 4 of its tools are left out, being invalid or told twice']);
  });

  it('are known of a legacy server as well, whose tools are all kept', async () => {
    const topology = await bench.topology([groupOf('legacy', [tool('a', ''), tool('b', 'Region')])]);
    const lists = topology.lists.get('crm')!;
    expect((await lists.load('tools')).items).toHaveLength(2);
    expect(lists.mirrors('a')).toBeUndefined();
    expect(lists.mirrors('b')).toEqual([{ name: 'Region', path: ['region'] }]);
  });
});

describe('tools that have proven to be others', () => {
  it('are asked for once, however many noticed it, and in spite of the time that they were to last', async () => {
    const tools = [tool('a', undefined)];
    const group = groupOf('modern', tools);
    const lists = (await bench.topology([group])).lists.get('crm')!;
    await lists.load('tools');
    tools[0] = tool('a', 'Region');
    await Promise.all([lists.renewTools(), lists.renewTools(), lists.renewTools()]);
    expect(group.asked).toHaveLength(2);
    expect(lists.mirrors('a')).toHaveLength(1);
    await lists.renewTools();
    expect(group.asked).toHaveLength(3);
  });

  it('stay what they were where they cannot be asked for', async () => {
    const group = groupOf('modern', [tool('a', 'Region')]);
    const lists = (await bench.topology([group])).lists.get('crm')!;
    await lists.load('tools');
    group.handlers['tools/list'] = () => failure('{"code":-32000,"message":"no"}');
    await lists.renewTools();
    expect(lists.mirrors('a')).toHaveLength(1);
  });
});
