import { FakeGroup } from '../../test/support/fake-group.js';
import { request, RoutingBench } from '../../test/support/routing.js';
import type { Pins, PinVerdict } from '../core/pins.js';

/** Approvals that a test changes at will: of each tool of `strict` by its name. */
class TestPins implements Pins {
  mark = '1';
  readonly verdicts = new Map<string, PinVerdict>();
  private readonly listeners = new Set<() => void>();
  judged = 0;

  judge(group: string, name: string): PinVerdict {
    this.judged++;
    return (group === 'strict' && this.verdicts.get(name)) || { action: 'show' };
  }

  confines(group: string): boolean {
    return group === 'strict';
  }

  listen(callback: () => void): () => void {
    this.listeners.add(callback);
    return () => this.listeners.delete(callback);
  }

  change(name: string, verdict: PinVerdict): void {
    this.verdicts.set(name, verdict);
    this.mark = `${this.mark}1`;
    for (const callback of this.listeners) callback();
  }
}

const tool = (name: string, more = '') => `{"name":"${name}","inputSchema":{"type":"object"${more}}}`;

describe('tools that have to be approved', () => {
  let pins: TestPins;
  let bench: RoutingBench;
  let told: string[];
  let strict: FakeGroup;

  beforeEach(() => {
    pins = new TestPins();
    bench = new RoutingBench(pins);
    told = [tool('a'), tool('b')];
    strict = new FakeGroup('strict', {
      on: { 'tools/list': () => `{"tools":[${told.join()}],"extra":1}`, 'tools/call': () => '{"content":[]}' },
    });
  });

  const topologyOf = () =>
    bench.topology([strict, new FakeGroup('free', { on: { 'tools/list': () => `{"tools":[${tool('a')}]}` } })]);
  const unknown = { code: 'target_unknown', message: 'Unknown tool: a' };

  it('are relayed as their server told them while all of them are', async () => {
    const topology = await topologyOf();
    const { json } = await bench.send(topology, '/mcp/strict', 'tools/list');
    expect(json.bytes.toString()).toBe(`{"tools":[${told.join()}],"extra":1}`);
  });

  it('are shown as they were approved, and not at all if they were not', async () => {
    pins.verdicts
      .set('a', { action: 'hide' })
      .set('b', { action: 'replace', bytes: Buffer.from(tool('b', ',"old":1')) });
    const topology = await topologyOf();
    const { json } = await bench.send(topology, '/mcp/strict', 'tools/list');
    expect(json.bytes.toString()).toBe(`{"tools":[${tool('b', ',"old":1')}]}`);
    const all = await bench.send(topology, '/mcp', 'tools/list');
    expect(all.json.bytes.toString()).toBe(`{"tools":[${tool('strict__b', ',"old":1')},${tool('free__a')}]}`);
  });

  it('are judged once for each list and mark, however often they are shown', async () => {
    const topology = await topologyOf();
    for (let n = 0; n < 3; n++) await bench.send(topology, '/mcp/strict', 'tools/list');
    expect(pins.judged).toBe(2);
  });

  it('cannot be called while they are hidden, before any list was asked for', async () => {
    pins.verdicts.set('a', { action: 'hide' });
    const topology = await topologyOf();
    await expect(bench.call(topology, '/mcp/strict', 'tools/call', { name: 'a' })).rejects.toMatchObject(unknown);
    await bench.call(topology, '/mcp/strict', 'tools/call', { name: 'b' });
    await expect(bench.call(topology, '/mcp/strict', 'tools/call', { name: 'never told' })).rejects.toMatchObject({
      code: 'target_unknown',
    });
    expect(strict.sent).toHaveLength(1);
  });

  it('cannot be called any more from the moment that an approval is withdrawn', async () => {
    const topology = await topologyOf();
    await bench.send(topology, '/mcp/strict', 'tools/list');
    await bench.call(topology, '/mcp/strict', 'tools/call', { name: 'a' });
    pins.change('a', { action: 'hide' });
    await expect(bench.call(topology, '/mcp/strict', 'tools/call', { name: 'a' })).rejects.toMatchObject(unknown);
    pins.change('a', { action: 'show' });
    await bench.call(topology, '/mcp/strict', 'tools/call', { name: 'a' });
    expect(strict.sent).toHaveLength(2);
  });

  it('are asked for again before a call, once their server said that they changed', async () => {
    const topology = await topologyOf();
    for (const path of ['/mcp/strict', '/mcp']) await bench.send(topology, path, 'tools/list');
    const asked = strict.asked.length;
    told = [tool('b')];
    strict.announce('tools');
    await expect(bench.call(topology, '/mcp/strict', 'tools/call', { name: 'a' })).rejects.toMatchObject(unknown);
    await expect(bench.call(topology, '/mcp', 'tools/call', { name: 'strict__a' })).rejects.toMatchObject({
      code: 'target_unknown',
    });
    expect([strict.sent.length, strict.asked.length - asked]).toEqual([0, 1]);
  });

  it('are known for what they are by whoever judges the call', async () => {
    pins.verdicts.set('b', { action: 'replace', bytes: Buffer.from(tool('b', ',"old":1')) });
    const topology = await topologyOf();
    const exchange = bench.exchange({ route: 'strict' });
    await topology.find('/mcp/strict')!.handle(request('tools/call', { name: 'b' }), exchange);
    expect(exchange.target?.definition?.object()).toMatchObject({ inputSchema: { old: 1 } });
  });
});

describe('a tool of a group on a route of its own', () => {
  it('can be learnt of when somebody needs to know it', async () => {
    const bench = new RoutingBench();
    const crm = new FakeGroup('crm', {
      on: { 'tools/list': () => `{"tools":[${tool('a')}]}`, 'tools/call': () => '{}' },
    });
    const topology = await bench.topology([crm]);
    const learn = async (name: string) => {
      const exchange = bench.exchange({ route: 'crm' });
      await topology.find('/mcp/crm')!.handle(request('tools/call', { name }), exchange);
      return exchange.target?.learn?.();
    };
    expect((await learn('a'))?.object()).toMatchObject({ name: 'a' });
    expect(await learn('b')).toBeUndefined();
  });
});
