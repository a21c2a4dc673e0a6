import { FakeGroup, failure } from '../../test/support/fake-group.js';
import { RoutingBench, TestStay } from '../../test/support/routing.js';

let bench: RoutingBench;

beforeEach(() => {
  bench = new RoutingBench();
});

describe('an exchange', () => {
  it('is over for its generation however it ends', async () => {
    const group = new FakeGroup('crm', { on: { 'tools/call': () => failure('{"code":1,"message":"no"}') } });
    const topology = await bench.topology([group]);
    await bench.ask(topology, new TestStay('a'), '/mcp/crm', 'tools/call', { name: 'a' });
    group.down = true;
    await expect(bench.ask(topology, new TestStay('a'), '/mcp/crm', 'tools/call', { name: 'a' })).rejects.toThrow();
    await expect(bench.ask(topology, new TestStay('a'), '/mcp/crm', 'un/heard')).rejects.toThrow();
    await topology.usage.idle(bench.clock, 60_000);
    expect(bench.clock.timers).toBe(0);
  });
});
