import { setImmediate as turn } from 'node:timers/promises';

import { FakeGroup, type FakeGroupOptions } from '../../../test/support/fake-group.ts';
import { FakeResources } from '../../../test/support/fake-resources.ts';
import { TestListen, type ListenOptions } from '../../../test/support/listening.ts';
import { RoutingBench, TestStay } from '../../../test/support/routing.ts';
import { GatewayError } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import { principalOf } from '../../core/principal.js';
import type { Topology } from '../topology.js';

const LISTS = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };
const SHARED = { isolation: 'shared' } as const;

let bench: RoutingBench;
const seen: string[] = [];

beforeEach(() => {
  bench = new RoutingBench();
  seen.length = 0;
  for (const name of ['listen.opened', 'listen.closed'] as const) {
    bench.events.on(name, ({ route }) => void seen.push(`${name} ${route}`));
  }
});

/** A group whose tools a test changes. */
class ToolGroup extends FakeGroup {
  names: string[] = ['a'];

  constructor(name: string, options: FakeGroupOptions = {}) {
    super(name, { ...options, on: { 'prompts/list': () => '{"prompts":[]}', ...options.on } });
    this.handlers['tools/list'] = () =>
      JSON.stringify({ tools: this.names.map((tool) => ({ name: tool, inputSchema: { type: 'object' } })) });
  }
}

/** Lets time pass, and what was asked meanwhile be answered. */
async function pass(ms = 0): Promise<void> {
  bench.clock.advance(ms);
  for (let round = 0; round < 8; round++) await turn();
}

async function listen(topology: Topology, wanted: JsonObject, options?: ListenOptions): Promise<TestListen> {
  const listening = new TestListen(bench, topology, wanted, options);
  await pass();
  return listening;
}

describe('what is acknowledged', () => {
  it('is what the route offers of what was asked for, before anything else is told', async () => {
    const crm = new ToolGroup('crm', { capabilities: { tools: {} } });
    const topology = await bench.topology([crm]);
    const asked = { ...LISTS, resourceSubscriptions: ['crm+db://a'], taskIds: ['t'] };

    expect((await listen(topology, asked)).acknowledged).toEqual({ toolsListChanged: true });
    expect((await listen(topology, {})).acknowledged).toEqual({});
    expect((await listen(topology, { toolsListChanged: false })).acknowledged).toEqual({});
  });

  it('has the resources that a server took, in the words of the client, and not those it refused or nobody has', async () => {
    const crm = new FakeResources('crm', ['crm-1'], SHARED);
    const topology = await bench.topology([crm, new ToolGroup('wiki', { capabilities: { tools: {} } })]);
    crm.refused.add('db://b');
    const uris = ['crm+db://a', 'crm+db://b', 'wiki+db://c', 'nobody+db://d', 'crm+db://a'];

    const listening = await listen(topology, { resourceSubscriptions: uris });

    expect(listening.acknowledged).toEqual({ resourceSubscriptions: ['crm+db://a'] });
    expect(crm.said.filter((each) => each.includes('subscribe'))).toEqual([
      'resources/subscribe db://a',
      'resources/subscribe db://b',
    ]);
    expect(bench.subscriptions.size).toBe(1);
  });

  it('does not wait for slow servers longer than three seconds: what they offer is promised', async () => {
    const answers: (() => void)[] = [];
    const crm = new FakeResources('crm', ['crm-1'], {
      ...SHARED,
      pace: (step) => new Promise((resolve) => answers.push(() => resolve(step()))),
    });
    const tools = new ToolGroup('tools');
    let told: (text: string) => void = () => undefined;
    tools.handlers['tools/list'] = () => new Promise((resolve) => (told = resolve));
    const topology = await bench.topology([crm, tools]);
    const asked = { toolsListChanged: true, resourceSubscriptions: ['crm+db://a', 'crm+db://b'] };
    const listening = await listen(topology, asked);

    await pass(2_999);
    expect(listening.acknowledged).toBeUndefined();
    await pass(1);
    expect(listening.acknowledged).toEqual(asked);

    crm.refused.add('db://b');
    for (let n = 0; n < 4; n++) {
      for (const answer of answers.splice(0)) answer();
      await pass();
    }
    crm.update('db://a', 'crm-1');
    crm.update('db://b', 'crm-1');
    expect(listening.heard()).toEqual(['crm+db://a']);
    // The list that was missing is another one than none.
    told('{"tools":[{"name":"a","inputSchema":{"type":"object"}}]}');
    await pass(1_250);
    await pass(1_250);
    expect(listening.heard()).toEqual(['tools']);
  });

  it('comes before what changes meanwhile, which is told after it', async () => {
    const crm = new FakeResources('crm', ['crm-1'], SHARED);
    const erp = new FakeResources('erp', ['erp-1'], { ...SHARED, pace: () => new Promise(() => undefined) });
    const topology = await bench.topology([crm, erp]);
    const listening = await listen(topology, { resourceSubscriptions: ['crm+db://a', 'erp+db://b'] });

    crm.update('db://a', 'crm-1');
    crm.update('db://a', 'crm-1');
    await pass(2_999);
    expect(listening.told).toEqual([]);
    await pass(1);
    expect(listening.acknowledged).toEqual({ resourceSubscriptions: ['crm+db://a', 'erp+db://b'] });
    expect(listening.heard()).toEqual(['crm+db://a']);
    crm.update('db://a', 'crm-1');
    expect(listening.heard()).toEqual(['crm+db://a']);
  });

  it('has the resources of a group whose servers are all away, and tells when they may have changed', async () => {
    const crm = new FakeResources('crm', ['crm-1'], SHARED);
    const topology = await bench.topology([crm]);
    crm.lose('crm-1');
    const listening = await listen(topology, { resourceSubscriptions: ['crm+db://a'] });
    expect(listening.acknowledged).toEqual({ resourceSubscriptions: ['crm+db://a'] });

    crm.bring('crm-1');
    await pass();
    expect(crm.subscribed.get('crm-1')).toEqual(new Set(['db://a']));
    expect(listening.heard()).toEqual(['crm+db://a']);
  });

  it('leaves out what is beyond the limits', async () => {
    const crm = new FakeResources('crm', ['crm-1'], SHARED);
    const topology = await bench.topology([crm]);
    bench.subscriptions.carryOver([crm], { perStay: 2, perPrincipal: 3, inAll: 3 });
    const uris = ['a', 'b', 'c'].map((name) => `crm+db://${name}`);

    const [first, second] = [0, 1].map(() => listen(topology, { resourceSubscriptions: uris }));

    expect((await first)!.acknowledged).toEqual({ resourceSubscriptions: uris.slice(0, 2) });
    const others = (await second)!.acknowledged as { resourceSubscriptions: string[] };
    expect(others.resourceSubscriptions).toHaveLength(1);
    expect(bench.subscriptions.size).toBe(3);
  });

  it('is nothing where a principal listens too often already, and what others asked for', async () => {
    const as = (subject: string): ListenOptions => ({ principal: principalOf({ method: 'api_key', subject }) });
    const topology = await bench.topology([new ToolGroup('crm')]);
    bench.listens.carryOver(topology.showings(), { max: 10, maxPerPrincipal: 1, listTtl: 60_000 });
    const [first, second] = [await listen(topology, {}, as('ann')), await listen(topology, {}, as('ann'))];

    expect([await second.outcome, second.told]).toEqual(['limit_listens', []]);
    for (const other of [as('bob'), {}, {}]) expect((await listen(topology, {}, other)).acknowledged).toEqual({});
    await first.leave();
    expect((await listen(topology, {}, as('ann'))).acknowledged).toEqual({});
  });

  it('is nothing where too many listen already', async () => {
    bench.maxListens = 2;
    const topology = await bench.topology([new ToolGroup('crm')]);
    const [first, , third] = [await listen(topology, LISTS), await listen(topology, {}), await listen(topology, {})];

    expect([await third.outcome, third.told]).toEqual(['limit_listens', []]);
    await first.leave();
    expect((await listen(topology, {})).acknowledged).toEqual({});
  });
});

describe('a list', () => {
  it('is told to have changed though nobody ever asked for it, once, to those who listen for it', async () => {
    const [crm, wiki] = [new ToolGroup('crm'), new ToolGroup('wiki')];
    const topology = await bench.topology([crm, wiki]);
    const all = [
      await listen(topology, LISTS),
      await listen(topology, { promptsListChanged: true }),
      await listen(topology, { toolsListChanged: true }, { path: '/mcp/crm' }),
      await listen(topology, { toolsListChanged: true }, { path: '/mcp/wiki' }),
    ];
    const legacy = new TestStay('legacy');
    bench.audience.enter('mcp', legacy);

    crm.names.push('b');
    for (let n = 0; n < 5; n++) crm.announce('tools');
    await pass(250);
    await pass(5_000);

    expect(all.map((each) => each.heard())).toEqual([['tools'], [], ['tools'], []]);
    // Who never asked is not told.
    expect(legacy.heard()).toEqual([]);
  });

  it('is not told to have changed when it is the same', async () => {
    const crm = new ToolGroup('crm');
    const topology = await bench.topology([crm]);
    const listening = await listen(topology, LISTS);
    for (const kind of ['tools', 'prompts', 'resources'] as const) crm.announce(kind);
    await pass(2_000);
    expect(listening.heard()).toEqual([]);
  });

  it('is told to have changed when that happened before somebody listened, after it was told last', async () => {
    const crm = new ToolGroup('crm');
    const topology = await bench.topology([crm]);
    await bench.call(topology, '/mcp', 'tools/list');
    crm.names.push('b');
    crm.announce('tools');

    const listening = await listen(topology, LISTS);
    await pass(250);

    expect(listening.heard()).toEqual(['tools']);
  });

  it('is asked for again from time to time where no server says that it changed, while somebody listens', async () => {
    const crm = new ToolGroup('crm', { capabilities: { tools: {} } });
    const topology = await bench.topology([crm]);
    const listening = await listen(topology, LISTS);
    crm.names.push('b');
    await pass(60_000);
    await pass(250);
    expect(listening.heard()).toEqual(['tools']);

    await listening.leave();
    const asked = crm.asked.length;
    await pass(300_000);
    expect([crm.asked.length, bench.clock.timers]).toEqual([asked, 0]);
  });

  it('is told once when the client does not keep up, as soon as it does again', async () => {
    const crm = new ToolGroup('crm');
    const topology = await bench.topology([crm]);
    const listening = await listen(topology, LISTS);
    listening.flow.congest();
    for (const name of ['b', 'c', 'd']) {
      crm.names.push(name);
      crm.announce('tools');
      await pass(250);
    }
    expect(listening.heard()).toEqual([]);
    listening.flow.clear();
    expect(listening.heard()).toEqual(['tools']);
  });

  it('is told to have changed by a reload, once, and by whatever changes after it', async () => {
    const groups = () => [new ToolGroup('crm'), new ToolGroup('wiki')];
    const first = await bench.topology(groups());
    const listening = await listen(first, LISTS);

    const second = await bench.topology(groups(), { earlier: first });
    first.close();
    await pass(2_000);
    expect(listening.heard()).toEqual([]);

    const added = new ToolGroup('new', { capabilities: { tools: { listChanged: true } } });
    const third = await bench.topology([...groups(), added], { earlier: second });
    second.close();
    await pass(2_000);
    expect(listening.heard()).toEqual(['tools']);

    added.names.push('b');
    added.announce('tools');
    await pass(250);
    expect(listening.heard()).toEqual(['tools']);
    third.close();
  });
});

describe('a resource', () => {
  it('is told to have changed to those who listen for it, under the name that each of them used', async () => {
    const crm = new FakeResources('crm', ['crm-1'], SHARED);
    const topology = await bench.topology([crm]);
    const one = await listen(topology, { resourceSubscriptions: ['crm+db://a'] });
    const two = await listen(topology, { resourceSubscriptions: ['db://a'] }, { path: '/mcp/crm' });
    const three = await listen(topology, { resourceSubscriptions: ['crm+db://b'] });
    expect(crm.said).toEqual(['resources/subscribe db://a', 'resources/subscribe db://b']);

    crm.update('db://a/part', 'crm-1');
    expect([one, two, three].map((each) => each.heard())).toEqual([['crm+db://a/part'], ['db://a/part'], []]);

    await one.leave();
    crm.update('db://a', 'crm-1');
    expect([one, two].map((each) => each.heard())).toEqual([[], ['db://a']]);
    await two.leave();
    await pass();
    expect(crm.subscribed.get('crm-1')).toEqual(new Set(['db://b']));
  });

  it('is told once when the client does not keep up, as soon as it does again', async () => {
    const crm = new FakeResources('crm', ['crm-1'], SHARED);
    const topology = await bench.topology([crm]);
    const listening = await listen(topology, { resourceSubscriptions: ['crm+db://a'] });
    listening.flow.congest();
    for (let n = 0; n < 5; n++) crm.update('db://a', 'crm-1');
    expect(listening.heard()).toEqual([]);
    listening.flow.clear();
    expect(listening.heard()).toEqual(['crm+db://a']);
  });

  it('is listened for in the next generation as well', async () => {
    const crm = new FakeResources('crm', ['crm-1'], SHARED);
    const first = await bench.topology([crm]);
    const listening = await listen(first, { resourceSubscriptions: ['crm+db://a'] });
    const after = crm.anew();
    await bench.topology([after], { earlier: first });
    first.close();
    await pass();
    listening.heard();
    after.update('db://a', 'crm-1');
    expect(listening.heard()).toEqual(['crm+db://a']);
  });
});

describe('the end of a listen', () => {
  it('leaves nothing behind, and counts', async () => {
    const [crm, db] = [new ToolGroup('crm'), new FakeResources('db', ['db-1'], SHARED)];
    const topology = await bench.topology([crm, db]);
    const listening = await listen(topology, { ...LISTS, resourceSubscriptions: ['db+db://a'] });
    expect([bench.listens.size, bench.subscriptions.size]).toEqual([1, 1]);

    await listening.leave();
    expect(await listening.outcome).toBe('exchange_cancelled');
    crm.names.push('b');
    crm.announce('tools');
    await pass(5_000);

    expect(listening.heard()).toEqual([]);
    expect([bench.listens.size, bench.subscriptions.size, bench.clock.timers]).toEqual([0, 0, 0]);
    expect(db.subscribed.get('db-1')).toEqual(new Set());
    await topology.usage.idle(bench.clock, 0);
    expect(seen).toEqual(['listen.opened mcp', 'listen.closed mcp']);
  });

  it('may come before anything was acknowledged, and then nothing is', async () => {
    const answers: (() => void)[] = [];
    const crm = new FakeResources('crm', ['crm-1'], {
      ...SHARED,
      pace: (step) => new Promise((resolve) => answers.push(() => resolve(step()))),
    });
    const topology = await bench.topology([crm]);
    const listening = await listen(topology, { ...LISTS, resourceSubscriptions: ['crm+db://a'] });
    await listening.leave();
    for (let n = 0; n < 6; n++) {
      for (const answer of answers.splice(0)) answer();
      await pass();
    }
    await pass(5_000);

    expect(listening.told).toEqual([]);
    expect(crm.subscribed.get('crm-1')).toEqual(new Set());
    expect([bench.subscriptions.size, bench.listens.size, bench.clock.timers]).toEqual([0, 0, 0]);
  });

  it('comes at once for an exchange that is over already, with the failure that ended it', async () => {
    const topology = await bench.topology([new ToolGroup('crm')]);
    const listening = new TestListen(bench, topology, LISTS);
    listening.signal.abort(new GatewayError('gateway_fault', 'x'));
    expect([await listening.outcome, listening.told]).toEqual(['gateway_fault', []]);
  });

  it('comes with a reply where a reload takes the route away', async () => {
    const first = await bench.topology([new ToolGroup('crm'), new ToolGroup('wiki')]);
    const [gone, stays] = [await listen(first, LISTS, { path: '/mcp/crm' }), await listen(first, LISTS)];
    await bench.topology([new ToolGroup('wiki')], { earlier: first });
    expect(await gone.outcome).toMatchObject({ kind: 'result' });
    expect(bench.listens.size).toBe(1);
    await stays.leave();
  });
});
