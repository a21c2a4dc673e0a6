import { setImmediate as turn } from 'node:timers/promises';

import { FakeGroup } from '../../../test/support/fake-group.js';
import { FakeResources } from '../../../test/support/fake-resources.js';
import { TestListen } from '../../../test/support/listening.js';
import { RoutingBench, TestStay } from '../../../test/support/routing.js';
import { principalIn, RoleSights } from '../../../test/support/sights.js';
import type { Topology } from '../topology.js';

const CHANGED = 'notifications/tools/list_changed';

let bench: RoutingBench;
let access: RoleSights;

beforeEach(() => {
  bench = new RoutingBench();
  access = new RoleSights({ a: ['crm a'], b: ['crm b'], ab: ['crm a', 'crm b'], db: ['crm db://a'] });
  bench.access = access;
});

/** A group whose tools and resources a test changes. */
class Things extends FakeGroup {
  names: string[] = ['a', 'b'];

  constructor(name: string) {
    super(name, { isolation: 'shared' });
    const schema = { inputSchema: { type: 'object' } };
    this.handlers['tools/list'] = () =>
      JSON.stringify({ tools: this.names.map((each) => ({ name: each, ...schema })) });
    this.handlers['resources/list'] = () =>
      JSON.stringify({ resources: this.names.map((each) => ({ uri: each, name: each })) });
  }
}

function stayOf(role: string): TestStay {
  const stay = new TestStay(`stay-${role}`, { principal: principalIn(role) });
  bench.audience.enter('mcp', stay);
  return stay;
}

async function pass(ms: number): Promise<void> {
  bench.clock.advance(ms);
  for (let round = 0; round < 8; round++) await turn();
}

async function listed(topology: Topology, ...roles: string[]): Promise<TestStay[]> {
  const stays = roles.map(stayOf);
  for (const stay of stays) await bench.ask(topology, stay, '/mcp', 'tools/list');
  return stays;
}

const heard = (stays: readonly TestStay[]) => stays.map((stay) => stay.heard().length);

describe('a change of a list', () => {
  it.each(['tools', 'resources'] as const)('of %s is told to those who see it, and to nobody else', async (kind) => {
    const crm = new Things('crm');
    const topology = await bench.topology([crm]);
    const stays = ['a', 'b', 'ab', 'everything'].map(stayOf);
    for (const stay of stays) await bench.ask(topology, stay, '/mcp', `${kind}/list`);
    crm.names = ['a', 'b', 'c'];
    crm.announce(kind);
    await pass(1_000);
    expect(heard(stays)).toEqual([0, 0, 0, 1]);
    crm.names = ['a', 'c'];
    crm.announce(kind);
    await pass(1_000);
    expect(heard(stays)).toEqual([0, 1, 1, 1]);
  });

  it('is not told to those who may see none of it and never asked', async () => {
    const crm = new Things('crm');
    const topology = await bench.topology([crm]);
    const [free] = await listed(topology, 'everything');
    const silent = stayOf('a');
    crm.names = ['c'];
    crm.announce('tools');
    await pass(1_000);
    expect([free!.heard(), silent.heard()]).toEqual([[CHANGED], []]);
  });

  it('is told to those who listen and see it', async () => {
    const crm = new Things('crm');
    const topology = await bench.topology([crm]);
    const [a, b] = ['a', 'b'].map((role) => {
      return new TestListen(bench, topology, { toolsListChanged: true }, { principal: principalIn(role) });
    });
    await pass(0);
    crm.names = ['a'];
    crm.announce('tools');
    await pass(1_000);
    expect([a!.heard(), b!.heard()]).toEqual([[], ['tools']]);
  });

  it('of an own session is told to whom it belongs, as far as it sees it', async () => {
    const crm = new Things('crm');
    crm.isolation = 'session';
    const topology = await bench.topology([crm]);
    const stays = await listed(topology, 'a', 'b');
    crm.names = ['a'];
    for (const stay of stays) {
      const holder = bench.tools.holders.of(bench.tools.holders.guest(stay, 'mcp'), crm)!;
      holder.listChanged('tools');
    }
    await pass(1_000);
    expect(heard(stays)).toEqual([0, 1]);
  });
});

describe('a change of policies', () => {
  it('is told to those whose lists it changes, and to nobody else', async () => {
    const crm = new Things('crm');
    const first = await bench.topology([crm]);
    const stays = await listed(first, 'a', 'b', 'ab', 'everything');
    access.seen['a'] = ['crm b'];
    // What this one sees has another key now, and is the same.
    access.seen['b'] = ['crm b', 'crm z'];
    access.seen['everything'] = ['crm a'];
    const second = await bench.topology([crm], { earlier: first });
    expect(heard(stays)).toEqual([1, 0, 0, 1]);
    await pass(1_000);
    expect(heard(stays)).toEqual([0, 0, 0, 0]);

    delete access.seen['everything'];
    await bench.topology([crm], { earlier: second });
    await pass(1_000);
    expect(heard(stays)).toEqual([0, 0, 0, 1]);
    crm.names = ['b'];
    crm.announce('tools');
    await pass(1_000);
    expect(heard(stays)).toEqual([0, 0, 1, 1]);
  });

  it('ends subscriptions to what is hidden by it, and begins none', async () => {
    const crm = new FakeResources('crm', ['crm-1'], { isolation: 'shared' });
    const first = await bench.topology([crm]);
    const principal = principalIn('db');
    const wanted = { resourceSubscriptions: ['crm+db://a', 'crm+db://b'] };
    const listening = new TestListen(bench, first, wanted, { principal });
    await pass(0);
    expect(listening.acknowledged).toEqual({ resourceSubscriptions: ['crm+db://a'] });
    expect(bench.subscriptions.size).toBe(1);
    access.seen['db'] = [];
    await bench.topology([crm], { earlier: first });
    await pass(0);
    expect(bench.subscriptions.size).toBe(0);
    expect(crm.said.filter((each) => each.includes('subscribe'))).toEqual([
      'resources/subscribe db://a',
      'resources/unsubscribe db://a',
    ]);
  });
});
