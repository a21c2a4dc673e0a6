import { FakeGroup, failure, type FakeGroupOptions } from '../../test/support/fake-group.js';
import { request, RoutingBench } from '../../test/support/routing.js';

interface ToolList {
  readonly tools: readonly { readonly name: string }[];
  readonly nextCursor?: string;
  readonly _meta?: Record<string, unknown>;
}

const BIG = '1152921504606846976';

function tool(name: string): string {
  return `{"name":"${name}","inputSchema":{"type":"object"},"x-vendor":${BIG}}`;
}

function tools(...names: string[]): string {
  return `{"tools":[${names.map(tool).join(',')}]}`;
}

function toolGroup(name: string, names: readonly string[], options: FakeGroupOptions = {}): FakeGroup {
  return new FakeGroup(name, { ...options, on: { 'tools/list': () => tools(...names), ...options.on } });
}

const DEGRADED = 'mcp-gateway/degraded';
const SILENT = { capabilities: { tools: {} } };

let bench: RoutingBench;

beforeEach(() => {
  bench = new RoutingBench();
});

const namesOf = ({ tools }: ToolList) => tools.map(({ name }) => name);

describe('the tools of several groups', () => {
  it('are listed in the order of the groups, then of their servers, under prefixed names', async () => {
    const topology = await bench.topology([
      toolGroup('wiki', ['b', 'a']),
      toolGroup('default', ['z'], { prefix: '' }),
      toolGroup('crm', ['a.b', 'x'.repeat(70)], { prefix: 'sales' }),
    ]);
    const list = await bench.call<ToolList>(topology, '/mcp', 'tools/list');

    expect(namesOf(list)).toEqual([
      'wiki__b',
      'wiki__a',
      'z',
      'sales__a_b',
      expect.stringMatching(/^sales__x{48}_[0-9a-f]{8}$/),
    ]);
    expect(list).not.toHaveProperty('nextCursor');
    expect(list).not.toHaveProperty('_meta');
  });

  it('keep every byte but their names', async () => {
    const topology = await bench.topology([toolGroup('wiki', ['a']), toolGroup('crm', ['b'])]);
    const { json } = await bench.send(topology, '/mcp', 'tools/list');

    expect(json.bytes.toString()).toBe(`{"tools":[${tool('wiki__a')},${tool('crm__b')}]}`);
  });

  it('keep apart what differs only in letters that are replaced', async () => {
    const group = toolGroup('crm', ['a.b', 'a/b'], {
      on: { 'tools/call': ({ renamed }) => `{"content":[],"was":"${renamed}"}` },
    });
    const topology = await bench.topology([group]);
    const names = namesOf(await bench.call<ToolList>(topology, '/mcp', 'tools/list'));

    expect(new Set(names).size).toBe(2);
    expect(await bench.call(topology, '/mcp', 'tools/call', { name: names[0]! })).toMatchObject({ was: 'a.b' });
    expect(await bench.call(topology, '/mcp', 'tools/call', { name: names[1]! })).toMatchObject({ was: 'a/b' });
  });

  it('are called the same in whatever order their server tells them', async () => {
    const names = async (...told: string[]): Promise<string[]> => {
      const topology = await bench.topology([toolGroup('crm', told)]);
      return namesOf(await bench.call<ToolList>(topology, '/mcp', 'tools/list'));
    };
    const [dot, slash, plain] = await names('a.b', 'a/b', 'a_b');

    expect(plain).toBe('crm__a_b');
    expect(new Set([dot, slash, plain]).size).toBe(3);
    expect(await names('a_b', 'a/b', 'a.b')).toEqual([plain, slash, dot]);
  });

  it('are hidden by those of an earlier group without a prefix, and the operator is told', async () => {
    const topology = await bench.topology([
      toolGroup('first', ['a', 'b'], { prefix: '' }),
      toolGroup('second', ['b', 'c'], { prefix: '' }),
    ]);

    expect(namesOf(await bench.call<ToolList>(topology, '/mcp', 'tools/list'))).toEqual(['a', 'b', 'c']);
    expect(bench.notices).toEqual(['group second: tools "b" is hidden by an earlier group']);
  });

  it('leave out what no client could read, and not the list', async () => {
    const broken = ['{"name":5,"inputSchema":{"type":"object"}}', '{"name":"s","inputSchema":{}}', 'null', tool('a')];
    const list = () => `{"tools":[${[tool('a'), ...broken, tool('b')].join(',')}]}`;
    const topology = await bench.topology([new FakeGroup('default', { prefix: '', on: { 'tools/list': list } })]);

    expect(namesOf(await bench.call<ToolList>(topology, '/mcp', 'tools/list'))).toEqual(['a', 'b']);
    expect(bench.notices).toEqual(['group default: 4 of its tools are left out, being invalid or told twice']);
  });

  it('are read to the last page of their server, the empty cursor included', async () => {
    const pages = new Map<string | undefined, string>([
      [undefined, `{"tools":[${tool('a')}],"nextCursor":""}`],
      ['', `{"tools":[${tool('b')}],"nextCursor":"2"}`],
      ['2', `{"tools":[${tool('c')}],"nextCursor":null}`],
    ]);
    const group = new FakeGroup('crm', { on: { 'tools/list': ({ params }) => pages.get(params?.text('cursor'))! } });
    const topology = await bench.topology([group]);

    expect(namesOf(await bench.call<ToolList>(topology, '/mcp', 'tools/list'))).toEqual(['crm__a', 'crm__b', 'crm__c']);
    expect(group.asked.map(({ cursor, preferred }) => [cursor, preferred])).toEqual([
      [undefined, undefined],
      ['', 'crm-1'],
      ['2', 'crm-1'],
    ]);
  });

  it('end where a cursor comes again, and at the bounds', async () => {
    const endless = () =>
      new FakeGroup('crm', { on: { 'tools/list': () => `{"tools":[${tool('a')}],"nextCursor":"again"}` } });
    const circling = endless();
    expect(namesOf(await bench.call<ToolList>(await bench.topology([circling]), '/mcp', 'tools/list'))).toEqual([
      'crm__a',
    ]);
    expect(circling.asked).toHaveLength(2);

    let page = 0;
    const counting = new FakeGroup('crm', {
      on: { 'tools/list': () => `{"tools":[${tool(`t${++page}`)}],"nextCursor":"${page}"}` },
    });
    const bounded = await bench.topology([counting], { lists: { bounds: { pages: 3, items: 100, bytes: 1_000_000 } } });
    expect(namesOf(await bench.call<ToolList>(bounded, '/mcp', 'tools/list'))).toEqual([
      'crm__t1',
      'crm__t2',
      'crm__t3',
    ]);
  });
});

describe('a group that fails', () => {
  it('is left out of a list and named, and the others are there', async () => {
    const crm = toolGroup('crm', ['a']);
    const topology = await bench.topology([crm, toolGroup('wiki', ['b'])]);
    crm.down = true;

    const list = await bench.call<ToolList>(topology, '/mcp', 'tools/list');
    expect(namesOf(list)).toEqual(['wiki__b']);
    expect(list['_meta']).toEqual({ [DEGRADED]: ['crm'] });
  });

  it('is left out when it answers an error, or no list at all', async () => {
    const topology = await bench.topology([
      new FakeGroup('crm', { on: { 'tools/list': () => failure('{"code":-32000,"message":"no"}') } }),
      new FakeGroup('erp', { on: { 'tools/list': () => '{"tools":{}}' } }),
      toolGroup('wiki', ['b']),
    ]);
    const list = await bench.call<ToolList>(topology, '/mcp', 'tools/list');
    expect(namesOf(list)).toEqual(['wiki__b']);
    expect(list['_meta']).toEqual({ [DEGRADED]: ['crm', 'erp'] });
  });

  it('is shown as it was last, when it ever was', async () => {
    const crm = toolGroup('crm', ['a']);
    const topology = await bench.topology([crm, toolGroup('wiki', ['b'])]);
    await bench.call(topology, '/mcp', 'tools/list');
    crm.down = true;
    crm.announce('tools');

    const list = await bench.call<ToolList>(topology, '/mcp', 'tools/list');
    expect(namesOf(list)).toEqual(['crm__a', 'wiki__b']);
    expect(list['_meta']).toEqual({ [DEGRADED]: ['crm'] });

    crm.down = false;
    expect(await bench.call(topology, '/mcp', 'tools/list')).not.toHaveProperty('_meta');
  });

  it('costs the list only when there is nobody else', async () => {
    const groups = [toolGroup('crm', ['a']), toolGroup('wiki', ['b'])];
    for (const group of groups) group.down = true;

    await expect(bench.send(await bench.topology(groups), '/mcp', 'tools/list')).rejects.toMatchObject({
      code: 'upstream_unavailable',
    });
  });

  it('is left alone for as long as it kept everybody waiting', async () => {
    const slow = toolGroup('crm', [], {
      on: {
        'tools/list': () => {
          bench.clock.advance(10_000);
          return failure('{"code":-32000,"message":"too late"}');
        },
      },
    });
    const topology = await bench.topology([slow, toolGroup('wiki', ['b'])]);

    for (let round = 0; round < 3; round++) await bench.call(topology, '/mcp', 'tools/list');
    expect(slow.asked).toHaveLength(1);
    bench.clock.advance(10_000);
    await bench.call(topology, '/mcp', 'tools/list');
    expect(slow.asked).toHaveLength(2);
  });
});

describe('a group that was never reached', () => {
  it('is waited for at the first list, and shown when it comes in time', async () => {
    const crm = toolGroup('crm', ['a']).unreached();
    const list = bench.call<ToolList>(await bench.topology([crm, toolGroup('wiki', ['b'])]), '/mcp', 'tools/list');
    crm.introduce();
    expect(namesOf(await list)).toEqual(['crm__a', 'wiki__b']);
  });

  it('is waited for only once', async () => {
    const crm = toolGroup('crm', ['a']).unreached();
    const topology = await bench.topology([crm, toolGroup('wiki', ['b'])]);
    const first = bench.call<ToolList>(topology, '/mcp', 'tools/list');
    bench.clock.advance(3_000);
    crm.giveUpWaiting();

    expect(namesOf(await first)).toEqual(['wiki__b']);
    expect((await bench.call<ToolList>(topology, '/mcp', 'tools/list'))['_meta']).toEqual({ [DEGRADED]: ['crm'] });
  });
});

describe('a list that is kept', () => {
  it('is asked for once, however many want it at once', async () => {
    const group = toolGroup('crm', ['a']);
    const topology = await bench.topology([group]);
    await Promise.all(Array.from({ length: 50 }, () => bench.call(topology, '/mcp', 'tools/list')));
    await bench.call(topology, '/mcp/crm', 'tools/list');
    expect(group.asked).toHaveLength(1);
  });

  it('lasts until its server says that it changed', async () => {
    const names = ['a'];
    const group = toolGroup('crm', names);
    const topology = await bench.topology([group]);
    await bench.call(topology, '/mcp', 'tools/list');
    bench.clock.advance(3_600_000);
    names.push('b');
    expect(namesOf(await bench.call<ToolList>(topology, '/mcp', 'tools/list'))).toEqual(['crm__a']);

    group.announce('prompts');
    expect(namesOf(await bench.call<ToolList>(topology, '/mcp', 'tools/list'))).toEqual(['crm__a']);
    group.announce('tools');
    expect(namesOf(await bench.call<ToolList>(topology, '/mcp', 'tools/list'))).toEqual(['crm__a', 'crm__b']);
  });

  it('is not the one that was asked for before the change', async () => {
    const release: (() => void)[] = [];
    let names = ['old'];
    const group = new FakeGroup('crm', {
      on: {
        'tools/list': async () => {
          const told = tools(...names);
          await new Promise<void>((resolve) => release.push(resolve));
          return told;
        },
      },
    });
    const topology = await bench.topology([group]);
    const before = bench.call<ToolList>(topology, '/mcp', 'tools/list');
    await vi.waitFor(() => expect(release).toHaveLength(1));
    names = ['new'];
    group.announce('tools');
    const after = bench.call<ToolList>(topology, '/mcp', 'tools/list');
    await vi.waitFor(() => expect(release).toHaveLength(2));
    for (const go of release.toReversed()) go();

    expect(namesOf(await before)).toEqual(['crm__old']);
    expect(namesOf(await after)).toEqual(['crm__new']);
    expect(namesOf(await bench.call<ToolList>(topology, '/mcp', 'tools/list'))).toEqual(['crm__new']);
  });

  it('expires where the server announces nothing', async () => {
    const group = toolGroup('crm', ['a'], SILENT);
    const topology = await bench.topology([group]);
    await bench.call(topology, '/mcp', 'tools/list');
    bench.clock.advance(59_999);
    await bench.call(topology, '/mcp', 'tools/list');
    expect(group.asked).toHaveLength(1);
    bench.clock.advance(1);
    await bench.call(topology, '/mcp', 'tools/list');
    expect(group.asked).toHaveLength(2);
  });

  it('is asked for each time where nothing may be kept', async () => {
    const group = toolGroup('crm', ['a'], SILENT);
    const topology = await bench.topology([group], { lists: { ttl: 0 } });
    await bench.call(topology, '/mcp', 'tools/list');
    await bench.call(topology, '/mcp', 'tools/list');
    expect(group.asked).toHaveLength(2);
  });
});

describe('the pages of a list', () => {
  const many = (count: number) => Array.from({ length: count }, (_, n) => `t${n}`);

  it('go over all groups and end', async () => {
    const topology = await bench.topology([toolGroup('crm', many(5)), toolGroup('wiki', many(4))], { pageSize: 2 });
    const names: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await bench.call<ToolList>(topology, '/mcp', 'tools/list', cursor === undefined ? {} : { cursor });
      names.push(...namesOf(page));
      cursor = page.nextCursor;
      pages++;
    } while (cursor !== undefined);

    expect(names).toEqual([...many(5).map((name) => `crm__${name}`), ...many(4).map((name) => `wiki__${name}`)]);
    expect(pages).toBe(5);
  });

  it('stay those of the list they began in, even after it has changed', async () => {
    const names = many(4);
    const group = toolGroup('crm', names);
    const topology = await bench.topology([group], { pageSize: 3 });
    const { nextCursor } = await bench.call<ToolList>(topology, '/mcp', 'tools/list');
    names.unshift('new');
    group.announce('tools');
    await bench.call(topology, '/mcp', 'tools/list');

    expect(namesOf(await bench.call<ToolList>(topology, '/mcp', 'tools/list', { cursor: nextCursor! }))).toEqual([
      'crm__t3',
    ]);
  });

  it('are good for the next generation while the list is the same, and for nobody when it is not', async () => {
    const before = await bench.topology([toolGroup('crm', many(4))], { pageSize: 3 });
    const { nextCursor: cursor } = await bench.call<ToolList>(before, '/mcp', 'tools/list');

    const same = await bench.topology([toolGroup('crm', many(4))], { pageSize: 3 });
    expect(namesOf(await bench.call<ToolList>(same, '/mcp', 'tools/list', { cursor: cursor! }))).toEqual(['crm__t3']);
    const other = await bench.topology([toolGroup('crm', many(5))], { pageSize: 3 });
    await expect(bench.send(other, '/mcp', 'tools/list', { cursor: cursor! })).rejects.toMatchObject({
      code: 'protocol_invalid_params',
      message: 'Invalid cursor',
    });
  });

  it('cannot be reached by a cursor that was changed, or made for another list, route or principal', async () => {
    const on = { 'prompts/list': () => '{"prompts":[{"name":"a"},{"name":"b"}]}' };
    const topology = await bench.topology([toolGroup('crm', many(4), { on })], { pageSize: 1 });
    const { nextCursor } = await bench.call<ToolList>(topology, '/mcp', 'tools/list');
    const cursor = nextCursor!;
    const invalid = { code: 'protocol_invalid_params', message: 'Invalid cursor' };
    const changed = `${cursor.slice(0, -2)}${cursor.endsWith('AA') ? 'BB' : 'AA'}`;

    for (const wrong of [changed, '', 'x', `${cursor}=`]) {
      await expect(bench.send(topology, '/mcp', 'tools/list', { cursor: wrong })).rejects.toMatchObject(invalid);
    }
    await expect(bench.send(topology, '/mcp', 'prompts/list', { cursor })).rejects.toMatchObject(invalid);
    await expect(bench.send(topology, '/mcp', 'resources/list', { cursor })).rejects.toMatchObject(invalid);
    await expect(bench.send(topology, '/mcp/crm', 'tools/list', { cursor })).rejects.toMatchObject(invalid);
    const stranger = bench.exchange({ principal: bench.principal('mallory') });
    const asked = topology.find('/mcp')!.handle(request('tools/list', { cursor }), stranger);
    await expect(asked).rejects.toMatchObject(invalid);
  });
});

describe('the route of one group', () => {
  it('answers a list with the very bytes of its server', async () => {
    const text = `{ "tools" : [${tool('a.b')}], "x": ${BIG}, "_meta": {"v": 1.0} }`;
    const group = new FakeGroup('crm', { on: { 'tools/list': () => text } });
    const { json } = await bench.send(await bench.topology([group]), '/mcp/crm', 'tools/list');
    expect(json.bytes.toString()).toBe(text);
  });

  it('relays the error its server answers to a list', async () => {
    const text = `{"code":-32050,"message":"not today","data":${BIG}}`;
    const topology = await bench.topology([
      new FakeGroup('crm', { on: { 'prompts/list': () => failure(text) } }),
      toolGroup('wiki', []),
    ]);
    const reply = await bench.send(topology, '/mcp/crm', 'prompts/list');
    expect(reply.kind).toBe('error');
    expect(reply.json.bytes.toString()).toBe(text);
  });

  it('fails as its group does', async () => {
    const group = toolGroup('crm', []);
    group.down = true;
    await expect(bench.send(await bench.topology([group]), '/mcp/crm', 'tools/list')).rejects.toMatchObject({
      code: 'upstream_unavailable',
      message: 'no server is up',
    });
  });
});
