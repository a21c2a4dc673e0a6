import { FakeResources } from '../../../test/support/fake-resources.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { OwnSessionsBench } from '../../../test/support/own-sessions-bench.ts';
import { request, RoutingBench, TestStay } from '../../../test/support/routing.ts';
import { FakeGroup } from '../../../test/support/fake-group.ts';
import { readParams } from '../../protocol/index.js';
import type { Topology } from '../topology.js';

let bench: RoutingBench;

beforeEach(() => {
  bench = new RoutingBench();
});

async function ask(topology: Topology, method: string, uri: string, stay = new TestStay('stay'), path = '/mcp') {
  const reply = await topology.find(path)!.handle(request(method, { uri }), bench.exchange({ method, stay }));
  return reply.json.bytes.toString();
}

const toldTo = (stay: TestStay) => stay.delivered.splice(0).map(({ params }) => params?.object()['uri']);

describe('a subscription on a route', () => {
  it('is made under the own URI of the group, and updates come back under that of the client', async () => {
    const crm = new FakeResources('crm', ['crm-1'], { isolation: 'shared' });
    const topology = await bench.topology([crm]);
    const [anna, bert] = [new TestStay('anna'), new TestStay('bert')];

    expect(await ask(topology, 'resources/subscribe', 'crm+db://a', anna)).toBe('{}');
    expect(await ask(topology, 'resources/subscribe', 'db://a', bert, '/mcp/crm')).toBe('{}');
    expect(crm.said).toEqual(['resources/subscribe db://a']);

    crm.update('db://a/b', 'crm-1');
    expect([toldTo(anna), toldTo(bert)]).toEqual([['crm+db://a/b'], ['db://a/b']]);

    expect(await ask(topology, 'resources/unsubscribe', 'crm+db://a', anna)).toBe('{}');
    expect(await ask(topology, 'resources/unsubscribe', 'db://a', bert, '/mcp/crm')).toBe('{}');
    expect(crm.said).toEqual(['resources/subscribe db://a', 'resources/unsubscribe db://a']);
  });

  it('is made on the session of whoever has one of its own, which it keeps from being idle', async () => {
    const crm = new FakeResources('crm', ['crm-1'], { isolation: 'session' });
    const topology = await bench.topology([crm]);
    const [anna, bert] = [new TestStay('anna'), new TestStay('bert')];
    for (const stay of [anna, bert]) await ask(topology, 'resources/subscribe', 'crm+db://a', stay);
    expect([...crm.subscribed.get('crm-1')!]).toEqual(['db://a anna', 'db://a bert']);

    const { holders } = bench.tools;
    const holder = holders.of(holders.guest(anna, 'mcp'), crm)!;
    const params = readParams(Buffer.from('{"uri":"db://a"}'));
    expect(holder.needsSession).toBe(true);
    holder.take({ kind: 'notification', method: 'notifications/resources/updated', params }, 'crm-1');
    // What is said on the sessions that everybody shares concerns nobody who has one of its own.
    crm.update('db://a', 'crm-1');
    expect([toldTo(anna), toldTo(bert)]).toEqual([['crm+db://a'], []]);

    crm.subscribed.get('crm-1')!.delete('db://a anna');
    holder.renewed('crm-1');
    await vi.waitUntil(() => anna.delivered.length > 0);
    expect(crm.subscribed.get('crm-1')).toContain('db://a anna');
    expect([toldTo(anna), toldTo(bert)]).toEqual([['crm+db://a'], []]);

    await ask(topology, 'resources/unsubscribe', 'crm+db://a', anna);
    expect(holder.needsSession).toBe(false);
    const asked = crm.said.length;
    bert.end();
    await vi.waitUntil(() => bench.subscriptions.size === 0);
    expect(crm.said.length).toBe(asked);
  });

  it('keeps the session of its downstream open that has nothing else to do, for as long as it lasts', async () => {
    const crm = new FakeResources('crm', ['crm-1'], { isolation: 'session' });
    const topology = await bench.topology([crm]);
    const anna = new TestStay('anna');
    await ask(topology, 'resources/subscribe', 'crm+db://a', anna);
    const { holders } = bench.tools;
    const clock = new ManualClock();
    const own = new OwnSessionsBench(clock, { sessionIdleTimeout: 1_000 });
    await own.use(holders.of(holders.guest(anna, 'mcp'), crm)!);
    clock.advance(10_000);
    expect(own.announced).toEqual(['opened']);

    await ask(topology, 'resources/unsubscribe', 'crm+db://a', anna);
    clock.advance(1_000);
    expect(own.announced).toEqual(['opened', 'idle']);
  });

  it('is refused where the group has none, and where nobody has the resource', async () => {
    const crm = new FakeResources('crm', ['crm-1']);
    const plain = new FakeGroup('plain', { capabilities: { resources: {} } });
    const both = await bench.topology([crm, plain]);
    for (const method of ['resources/subscribe', 'resources/unsubscribe']) {
      await expect(ask(both, method, 'plain+db://a')).rejects.toMatchObject({ code: 'protocol_unknown_method' });
      await expect(ask(both, method, 'other+db://a')).rejects.toMatchObject({ code: 'resource_not_found' });
    }

    const alone = await bench.topology([plain]);
    await expect(ask(alone, 'resources/subscribe', 'plain+db://a')).rejects.toMatchObject({
      code: 'protocol_unknown_method',
    });
  });
});
