import { FakeGroup } from '../../test/support/fake-group.js';
import { RoutingBench } from '../../test/support/routing.js';
import type { Topology } from './topology.js';

interface ResourceList {
  readonly resources: readonly { readonly uri: string }[];
  readonly nextCursor?: string;
  readonly _meta?: Record<string, unknown>;
}

type Pages = Readonly<Record<string, readonly [uris: readonly string[], next?: string]>>;

function resource(uri: string): string {
  return `{"uri":"${uri}","name":"n","size":1152921504606846976}`;
}

/** @param pages by cursor; `first` has none */
function resourceGroup(name: string, pages: Pages, prefix = name): FakeGroup {
  return new FakeGroup(name, {
    prefix,
    on: {
      'resources/list': ({ params }) => {
        const [uris, next] = pages[params?.text('cursor') ?? 'first']!;
        const cursor = next === undefined ? '' : `,"nextCursor":${JSON.stringify(next)}`;
        return `{"resources":[${uris.map(resource).join(',')}]${cursor},"x":1.0}`;
      },
    },
  });
}

let bench: RoutingBench;

beforeEach(() => {
  bench = new RoutingBench();
});

const list = (topology: Topology, cursor?: string, path = '/mcp') =>
  bench.call<ResourceList>(topology, path, 'resources/list', cursor === undefined ? {} : { cursor });
const urisOf = ({ resources }: ResourceList) => resources.map(({ uri }) => uri);

describe('the resources of several groups', () => {
  it('stand on one page together where they fit', async () => {
    const topology = await bench.topology([
      resourceGroup('crm', { first: [['db://1', 'https://example.org/a']] }),
      resourceGroup('default', { first: [['file:///b']] }, ''),
      resourceGroup('wiki', { first: [['ui://chart']] }),
    ]);
    const page = await list(topology);

    expect(urisOf(page)).toEqual(['crm+db://1', 'https://example.org/a', 'file:///b', 'ui://wiki/chart']);
    expect(page).not.toHaveProperty('nextCursor');
  });

  it('come page by page as their servers give them, the empty cursor included', async () => {
    const crm = resourceGroup('crm', { first: [['db://1'], ''], '': [['db://2'], 'c'], c: [['db://3']] });
    const topology = await bench.topology([crm, resourceGroup('wiki', { first: [['w://1'], '1'], '1': [['w://2']] })]);

    const first = await list(topology);
    expect(urisOf(first)).toEqual(['crm+db://1']);
    const second = await list(topology, first.nextCursor);
    expect(urisOf(second)).toEqual(['crm+db://2']);
    expect(crm.asked.at(-1)).toEqual({ method: 'resources/list', cursor: '', preferred: 'crm-1' });
    const third = await list(topology, second.nextCursor);
    expect(urisOf(third)).toEqual(['crm+db://3', 'wiki+w://1']);
    const last = await list(topology, third.nextCursor);
    expect(urisOf(last)).toEqual(['wiki+w://2']);
    expect(last).not.toHaveProperty('nextCursor');
  });

  it('begin a new page between groups where one is full', async () => {
    const topology = await bench.topology(
      ['a', 'b', 'c'].map((name) => resourceGroup(name, { first: [[`${name}://1`, `${name}://2`]] })),
      { pageSize: 3 },
    );
    const first = await list(topology);
    expect(urisOf(first)).toEqual(['a+a://1', 'a+a://2', 'b+b://1', 'b+b://2']);
    const second = await list(topology, first.nextCursor);
    expect(urisOf(second)).toEqual(['c+c://1', 'c+c://2']);
    expect(second.nextCursor).toBeUndefined();
  });

  it('go on without a group that has vanished since', async () => {
    const crm = resourceGroup('crm', { first: [['db://1'], 'c'], c: [['db://2']] });
    const groups = [crm, resourceGroup('wiki', { first: [['w://1']] })];
    const before = await list(await bench.topology(groups));
    expect(urisOf(await list(await bench.topology(groups.slice(1)), before.nextCursor))).toEqual(['wiki+w://1']);
  });

  it('go on without a group that fails, and say so', async () => {
    const crm = resourceGroup('crm', { first: [['db://1'], 'c'], c: [['db://2']] });
    const topology = await bench.topology([crm, resourceGroup('wiki', { first: [['w://1']] })]);
    const first = await list(topology);
    crm.down = true;

    const second = await list(topology, first.nextCursor);
    expect(urisOf(second)).toEqual(['wiki+w://1']);
    expect(second['_meta']).toEqual({ 'mcp-gateway/degraded': ['crm'] });
  });

  it('fail when nobody can be asked', async () => {
    const groups = ['a', 'b'].map((name) => resourceGroup(name, { first: [[]] }));
    for (const group of groups) group.down = true;
    await expect(list(await bench.topology(groups))).rejects.toMatchObject({ code: 'upstream_unavailable' });
  });

  it('end at a cursor that leads to itself', async () => {
    const topology = await bench.topology([resourceGroup('crm', { first: [['db://1'], 'c'], c: [['db://2'], 'c'] })]);
    const { nextCursor } = await list(topology);
    expect(await list(topology, nextCursor)).not.toHaveProperty('nextCursor');
  });
});

describe('the resources of one group', () => {
  it('are the very bytes of its server but for the cursor', async () => {
    const group = resourceGroup('crm', { first: [['db://1'], 'secret'], secret: [['db://2']] });
    const topology = await bench.topology([group]);
    const first = await bench.send(topology, '/mcp/crm', 'resources/list');
    const text = first.json.bytes.toString();
    const { nextCursor } = first.json.parse() as unknown as ResourceList;

    expect(text).toBe(`{"resources":[${resource('db://1')}],"nextCursor":"${nextCursor}","x":1.0}`);
    expect(nextCursor).not.toContain('secret');
    const second = await bench.send(topology, '/mcp/crm', 'resources/list', { cursor: nextCursor! });
    expect(second.json.bytes.toString()).toBe(`{"resources":[${resource('db://2')}],"x":1.0}`);
  });
});

describe('the templates of several groups', () => {
  it('are merged, prefixed in their literal heads', async () => {
    const templates =
      (...texts: string[]) =>
      () =>
        JSON.stringify({ resourceTemplates: texts.map((uriTemplate) => ({ uriTemplate, name: 'n' })) });
    const topology = await bench.topology([
      new FakeGroup('crm', { on: { 'resources/templates/list': templates('db://{table}', 'https://e.org/{+x}') } }),
      new FakeGroup('default', { prefix: '', on: { 'resources/templates/list': templates('{scheme}://x') } }),
    ]);
    expect(await bench.call(topology, '/mcp', 'resources/templates/list')).toEqual({
      resourceTemplates: [
        { uriTemplate: 'crm+db://{table}', name: 'n' },
        { uriTemplate: 'https://e.org/{+x}', name: 'n' },
        { uriTemplate: '{scheme}://x', name: 'n' },
      ],
    });
  });
});
