import { FakeGroup, type FakeGroupOptions } from '../../../test/support/fake-group.js';
import { request, RoutingBench, TestStay } from '../../../test/support/routing.js';
import type { Holder } from '../../upstream/index.js';
import type { Topology } from '../topology.js';

interface ToolList {
  readonly tools: readonly { readonly name: string }[];
}

const CAPABLE = { capabilities: { elicitation: {} } };

let bench: RoutingBench;

beforeEach(() => {
  bench = new RoutingBench();
});

function toolsOf(names: readonly string[]): string {
  return JSON.stringify({ tools: names.map((name) => ({ name, inputSchema: { type: 'object' } })) });
}

/** A group that shows `common` to everybody, and to holders what else they were given. */
function group(name: string, given: Record<string, string[]> = {}, options: FakeGroupOptions = {}): FakeGroup {
  const list = (holder?: Holder) => toolsOf(['common', ...(holder ? (given[holder.key] ?? []) : [])]);
  return new FakeGroup(name, {
    ...options,
    on: { 'tools/list': (_, holder) => list(holder), 'tools/call': () => '{"content":[]}', ...options.on },
  });
}

async function names(topology: Topology, stay: TestStay, path = '/mcp'): Promise<string[]> {
  const { tools } = await bench.ask<ToolList>(topology, stay, path, 'tools/list');
  return tools.map(({ name }) => name);
}

describe('a downstream with sessions of its own', () => {
  it('is shown what the servers show to it, and nobody else is', async () => {
    const crm = group('crm', { a: ['secret'], b: ['other'] }, { isolation: 'session' });
    const topology = await bench.topology([crm]);
    const [a, b] = [new TestStay('a'), new TestStay('b')];
    expect(await names(topology, a)).toEqual(['crm__common', 'crm__secret']);
    expect(await names(topology, b)).toEqual(['crm__common', 'crm__other']);
    expect(await names(topology, a, '/mcp/crm')).toEqual(['common', 'secret']);
    expect(await names(topology, b, '/mcp/crm')).toEqual(['common', 'other']);
    // Both routes show the same lists: each was asked for once.
    expect(crm.asked.map(({ holder }) => holder)).toEqual(['a', 'b']);

    await expect(bench.ask(topology, b, '/mcp', 'tools/call', { name: 'crm__secret' })).rejects.toMatchObject({
      code: 'target_unknown',
    });
    await bench.ask(topology, a, '/mcp', 'tools/call', { name: 'crm__secret' });
    expect(crm.sentFor.map((holder) => holder?.key)).toEqual(['a']);
  });

  it('is shown what everybody is of the other groups, which are asked once for all', async () => {
    const [crm, wiki] = [
      group('crm', { a: ['x'] }, { isolation: 'session' }),
      group('wiki', {}, { isolation: 'shared' }),
    ];
    const topology = await bench.topology([crm, wiki]);
    for (const id of ['a', 'b', 'c']) await names(topology, new TestStay(id));
    expect(await names(topology, new TestStay('a'))).toEqual(['crm__common', 'crm__x', 'wiki__common']);
    expect(wiki.asked).toHaveLength(1);
    await bench.ask(topology, new TestStay('a'), '/mcp', 'tools/call', { name: 'wiki__common' });
    expect(wiki.sentFor).toEqual([undefined]);
  });

  it('is one that can be asked something, or that uses servers that remember', async () => {
    const crm = group('crm', { capable: ['more'], plain: ['more'] });
    const topology = await bench.topology([crm]);
    expect(await names(topology, new TestStay('capable', CAPABLE))).toContain('crm__more');
    const plain = new TestStay('plain');
    expect(await names(topology, plain)).not.toContain('crm__more');
    // It was reached just now, and handed out a session id.
    crm.keepsSessions = true;
    crm.introduce();
    expect(await names(topology, plain)).toContain('crm__more');
  });

  it('keeps those of a principal for whoever came later, when whoever came first has left', async () => {
    const crm = group('crm', {}, { isolation: 'principal' });
    const topology = await bench.topology([crm]);
    const [first, later] = [new TestStay('1'), new TestStay('2')];
    for (const stay of [first, later]) await bench.ask(topology, stay, '/mcp', 'tools/call', { name: 'crm__common' });
    const [holder] = crm.sentFor;
    first.end();
    expect(holder?.ended).toBe(false);
    await bench.ask(topology, later, '/mcp', 'tools/call', { name: 'crm__common' });
    expect(crm.sentFor).toEqual([holder, holder, holder]);
    later.end();
    expect(holder?.ended).toBe(true);
  });

  it('is every downstream of a principal, where principals have them', async () => {
    const crm = group('crm', {}, { isolation: 'principal' });
    const topology = await bench.topology([crm]);
    for (const id of ['1', '2', '3']) await names(topology, new TestStay(id));
    expect(crm.asked).toHaveLength(1);
    await names(topology, new TestStay('4', { principal: bench.principal('other') }));
    expect(new Set(crm.asked.map(({ holder }) => holder)).size).toBe(2);
  });

  it('calls what everybody is shown without waiting for a list of its own', async () => {
    const crm = group('crm', {}, { isolation: 'session' });
    const topology = await bench.topology([crm]);
    const lists = [...topology.lists.values()];
    await Promise.all(lists.map((each) => each.load('tools')));
    await bench.ask(topology, new TestStay('a'), '/mcp', 'tools/call', { name: 'crm__common' });
    expect(crm.asked.map(({ holder }) => holder)).toEqual([undefined]);
    expect(crm.sentFor.map((holder) => holder?.key)).toEqual(['a']);
  });

  it('finds at once in a new generation what it was shown in the one before', async () => {
    const stay = new TestStay('a');
    const first = await bench.topology([group('crm', { a: ['secret'] }, { isolation: 'session' })]);
    await names(first, stay);
    const after = group('crm', {}, { isolation: 'session' });
    const second = await bench.topology([after], { earlier: first });
    first.close();
    await bench.ask(second, stay, '/mcp', 'tools/call', { name: 'crm__secret' });
    expect(after.asked).toEqual([]);
  });

  it('gets its lists anew when its session was lost or is another one', async () => {
    const crm = group('crm', { a: ['x'] }, { isolation: 'session' });
    const topology = await bench.topology([crm]);
    const stay = new TestStay('a');
    await names(topology, stay);
    const holder = bench.tools.holders.of(bench.tools.holders.guest(stay, 'mcp'), crm)!;
    for (const event of ['lost', 'renewed'] as const) {
      crm.asked.length = 0;
      holder[event]('crm-1');
      await names(topology, stay);
      expect(crm.asked).toHaveLength(1);
    }
  });

  it('says on its own sessions alone that its roots changed', async () => {
    const [own, pooled] = [group('own', {}, { isolation: 'session' }), group('pooled', {}, { isolation: 'shared' })];
    const topology = await bench.topology([own, pooled]);
    topology.find('/mcp')!.notify('notifications/roots/list_changed', undefined, new TestStay('a'));
    topology.find('/mcp')!.notify('notifications/unheard/of', undefined, new TestStay('a'));
    expect(own.notified).toEqual([{ method: 'notifications/roots/list_changed', holder: 'a' }]);
    expect(pooled.notified).toEqual([]);
  });

  it('has its own log level there, and that of everybody elsewhere', async () => {
    const [own, pooled] = [group('own', {}, { isolation: 'session' }), group('pooled', {}, { isolation: 'shared' })];
    const topology = await bench.topology([own, pooled]);
    const stays = [new TestStay('a'), new TestStay('b')];
    await bench.ask(topology, stays[0]!, '/mcp', 'logging/setLevel', { level: 'debug' });
    await bench.ask(topology, stays[1]!, '/mcp', 'logging/setLevel', { level: 'error' });
    expect(own.ownLevels).toEqual([
      { level: 'debug', holder: 'a' },
      { level: 'error', holder: 'b' },
    ]);
    expect([own.levels, pooled.levels]).toEqual([[], ['debug']]);
    expect(stays.map(({ logLevel }) => logLevel)).toEqual(['debug', 'error']);
  });
});

describe('what is kept for downstreams', () => {
  it('goes with them', async () => {
    const crm = group('crm', {}, { isolation: 'session' });
    const topology = await bench.topology([crm]);
    const showings = topology.showings().get('mcp')!;
    const stay = new TestStay('a');
    await names(topology, stay);
    expect(showings.size).toBe(1);
    stay.end();
    expect(showings.size).toBe(0);
    // A request may have been under way when it went.
    await names(topology, stay).catch(() => undefined);
    expect(showings.size).toBe(0);
  });

  it('is bounded: the one that was silent longest is asked again', async () => {
    const crm = group('crm', {}, { isolation: 'session' });
    const topology = await bench.topology([crm], { maxOwnLists: 2 });
    const [a, b, c] = ['a', 'b', 'c'].map((id) => new TestStay(id)) as [TestStay, TestStay, TestStay];
    for (const stay of [a, b, a, c]) {
      bench.clock.advance(1);
      await names(topology, stay);
    }
    expect(topology.showings().get('mcp')!.size).toBe(2);
    await names(topology, a);
    expect(crm.asked.map(({ holder }) => holder)).toEqual(['a', 'b', 'c']);
    await names(topology, b);
    expect(crm.asked).toHaveLength(4);
  });

  it('is one object for all who are shown the same', async () => {
    const crm = group('crm', { odd: ['one more'] }, { isolation: 'session' });
    const wiki = group('wiki', {}, { isolation: 'session' });
    const topology = await bench.topology([crm, wiki], { maxOwnLists: 2_000 });
    const stays = Array.from({ length: 1_000 }, (_, n) => new TestStay(String(n)));
    const reply = (stay: TestStay) =>
      topology.find('/mcp')!.handle(request('tools/list'), bench.exchange({ stay, method: 'tools/list' }));
    const replies = await Promise.all(stays.map(reply));
    expect(new Set(replies).size).toBe(1);
    expect(await reply(new TestStay('odd'))).not.toBe(replies[0]);

    const listingOf = (stay: TestStay, group: FakeGroup) => {
      const holder = bench.tools.holders.of(bench.tools.holders.guest(stay, 'mcp'), group)!;
      return bench.tools.ownLists.get(holder)!.known('tools')!;
    };
    const listings = stays.flatMap((stay) => [listingOf(stay, crm), listingOf(stay, wiki)]);
    expect(crm.asked).toHaveLength(1_001);
    expect(new Set(listings).size).toBe(1);
    expect(new Set(listings.map(({ items }) => items[0]?.bytes)).size).toBe(1);
  });
});
