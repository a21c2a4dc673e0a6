import { FakeGroup, type FakeGroupOptions } from '../../../test/support/fake-group.js';
import { ModernRequest, type ModernRequestOptions } from '../../../test/support/modern-client.js';
import { request, RoutingBench, TestStay } from '../../../test/support/routing.js';
import type { Topology } from '../topology.js';

const CAPABLE = { capabilities: { elicitation: {} } };
const TOOLS = '{"tools":[{"name":"common","inputSchema":{"type":"object"}}]}';

let bench: RoutingBench;

beforeEach(() => {
  bench = new RoutingBench();
});

function group(name: string, options: FakeGroupOptions = {}): FakeGroup {
  return new FakeGroup(name, { ...options, on: { 'tools/list': () => TOOLS, 'tools/call': () => '{"content":[]}' } });
}

/** Sends one request of a modern client, down the aggregated route unless another is named. */
async function list(topology: Topology, options: ModernRequestOptions = {}, path = '/mcp'): Promise<ModernRequest> {
  const { clock } = bench;
  const changed = { method: 'tools/list', startedAt: clock.now(), deadline: clock.now() + 60_000 };
  const sent = new ModernRequest({ ...options, changed });
  await topology.find(path)!.handle(request('tools/list'), sent.exchange);
  return sent;
}

describe('what a modern client is shown', () => {
  it('is what everybody is, whatever it can do and whatever the servers remember', async () => {
    const groups = [group('crm'), group('erp', { isolation: 'session' }), group('old')];
    groups[2]!.keepsSessions = true;
    const topology = await bench.topology(groups);
    for (const options of [{}, CAPABLE, {}, CAPABLE]) (await list(topology, options)).end();
    expect(groups.map(({ asked }) => asked)).toEqual(groups.map(() => [expect.not.objectContaining({ holder: '' })]));
    expect(groups.flatMap(({ asked }) => asked.map(({ holder }) => holder))).toEqual([undefined, undefined, undefined]);
    expect(topology.showings().get('mcp')!.size).toBe(0);
  });

  it('is what its principal is where principals are kept apart, and outlives its requests', async () => {
    const crm = group('crm', { isolation: 'principal' });
    const topology = await bench.topology([crm]);
    for (let turn = 0; turn < 5; turn++) (await list(topology)).end();
    (await list(topology, { principal: bench.principal('other') })).end();
    expect(crm.asked).toHaveLength(2);
    expect(new Set(crm.asked.map(({ holder }) => holder)).size).toBe(2);
    const showings = topology.showings().get('mcp')!;
    expect([showings.size, bench.tools.holders.pooled]).toEqual([2, 2]);
    bench.clock.advance(60_000);
    expect([showings.size, bench.tools.holders.pooled]).toEqual([0, 0]);
  });

  it('is of holders that all still are, though one of them was used for something else as well', async () => {
    const topology = await bench.topology([
      group('crm', { isolation: 'principal' }),
      group('erp', { isolation: 'principal' }),
    ]);
    (await list(topology)).end();
    bench.clock.advance(30_000);
    (await list(topology, {}, '/mcp/crm')).end();
    bench.clock.advance(35_000);
    const { stay } = await list(topology);
    const holders = topology
      .showings()
      .get('mcp')!
      .of(stay)
      .members.map(({ holder }) => holder?.ended);
    expect(holders).toEqual([false, false]);
  });

  it('is kept apart from what a legacy client of the same principal is', async () => {
    const crm = group('crm', { isolation: 'principal' });
    const topology = await bench.topology([crm]);
    const modern = await list(topology);
    const legacy = new TestStay('a');
    await bench.ask(topology, legacy, '/mcp', 'tools/list');
    expect(new Set(crm.asked.map(({ holder }) => holder)).size).toBe(2);
    legacy.end();
    modern.end();
    expect(topology.showings().get('mcp')!.size).toBe(1);
  });
});

describe('a group that turns out to be modern', () => {
  it('keeps nobody apart', async () => {
    const crm = group('crm', { isolation: 'session' });
    const topology = await bench.topology([crm]);
    const stay = new TestStay('a', CAPABLE);
    await bench.ask(topology, stay, '/mcp', 'tools/list');
    const showings = topology.showings().get('mcp')!;
    expect([showings.size, showings.keyOf(stay)]).toEqual([1, 'a']);

    crm.peer = { ...crm.peer!, era: 'modern', revision: '2026-07-28' };
    crm.announce('tools');
    expect([showings.size, showings.keyOf(stay)]).toEqual([0, undefined]);
    const { holders } = bench.tools;
    expect(holders.of(holders.guest(stay, 'mcp'), crm)).toBeUndefined();
  });

  it('by and by tells everybody of lists that changed', async () => {
    const crm = group('crm', { isolation: 'session' });
    const topology = await bench.topology([crm]);
    const stay = new TestStay('a', CAPABLE);
    const asks = async (): Promise<number> => {
      crm.asked.length = 0;
      await bench.ask(topology, stay, '/mcp', 'tools/list');
      return crm.asked.filter(({ holder }) => holder === 'a').length;
    };
    expect(await asks()).toBe(1);
    crm.announce('tools');
    expect(await asks()).toBe(0);
    crm.isMixed = true;
    crm.announce('tools');
    expect(await asks()).toBe(1);
    expect(topology.showings().get('mcp')!.size).toBe(1);
  });

  it('is legacy again when its server is', async () => {
    const crm = group('crm', { era: 'modern' });
    const topology = await bench.topology([crm]);
    const showings = topology.showings().get('mcp')!;
    const stay = new TestStay('a', CAPABLE);
    expect(showings.keyOf(stay)).toBeUndefined();
    crm.peer = { ...crm.peer!, era: 'legacy', revision: '2025-11-25' };
    crm.announce('tools');
    expect(showings.keyOf(stay)).toBe('a');
  });
});
