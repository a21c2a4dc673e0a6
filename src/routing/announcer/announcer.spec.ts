import { setImmediate as turn } from 'node:timers/promises';

import { FakeGroup, type FakeGroupOptions } from '../../../test/support/fake-group.js';
import { RoutingBench, TestStay } from '../../../test/support/routing.js';
import type { Holder } from '../../upstream/index.js';
import type { GroupHolder } from '../holder/group-holder.js';
import type { Topology } from '../topology.js';

const CHANGED = 'notifications/tools/list_changed';

let bench: RoutingBench;

beforeEach(() => {
  bench = new RoutingBench();
});

/** A group whose tools a test changes: those of everybody, and those that holders have beside them. */
class ToolGroup extends FakeGroup {
  names: string[] = ['a'];
  readonly own = new Map<string, string[]>();

  constructor(name: string, options: FakeGroupOptions = {}) {
    super(name, options);
    this.handlers['tools/list'] = (_, holder) => this.list(holder);
  }

  private list(holder?: Holder): string {
    const names = [...this.names, ...(holder ? (this.own.get(holder.key) ?? []) : [])];
    return JSON.stringify({ tools: names.map((name) => ({ name, inputSchema: { type: 'object' } })) });
  }
}

function stayOn(route: string, id: string): TestStay {
  const stay = new TestStay(id);
  bench.audience.enter(route, stay);
  return stay;
}

const list = (topology: Topology, stay: TestStay, path = '/mcp', method = 'tools/list') =>
  bench.ask(topology, stay, path, method);

/** Lets time pass, and what was asked meanwhile be answered. */
async function pass(ms: number): Promise<void> {
  bench.clock.advance(ms);
  for (let round = 0; round < 5; round++) await turn();
}

const holderOf = (stay: TestStay, group: FakeGroup): GroupHolder =>
  bench.tools.holders.of(bench.tools.holders.guest(stay, 'mcp'), group)!;

describe('a list that everybody shares', () => {
  it('is announced once to everybody on the routes that show it, when it is another one', async () => {
    const [crm, wiki] = [new ToolGroup('crm'), new ToolGroup('wiki')];
    const topology = await bench.topology([crm, wiki]);
    const [one, two] = [stayOn('mcp', '1'), stayOn('mcp', '2')];
    const [own, other] = [stayOn('crm', '3'), stayOn('wiki', '4')];
    for (const [stay, path] of [
      [one, '/mcp'],
      [own, '/mcp/crm'],
      [other, '/mcp/wiki'],
    ] as const) {
      await list(topology, stay, path);
    }
    crm.names.push('b');
    for (let n = 0; n < 10; n++) crm.announce('tools');
    await pass(249);
    expect([one, two, own, other].flatMap((stay) => stay.heard())).toEqual([]);
    await pass(1);
    expect([one, two, own, other].map((stay) => stay.heard())).toEqual([[CHANGED], [CHANGED], [CHANGED], []]);
    await pass(5_000);
    expect(one.heard()).toEqual([]);
    expect(bench.clock.timers).toBe(0);
  });

  it('is not announced when it is the same, was never asked for, or is another one', async () => {
    const crm = new ToolGroup('crm', { on: { 'prompts/list': () => '{"prompts":[]}' } });
    const topology = await bench.topology([crm]);
    const stay = stayOn('mcp', '1');
    await list(topology, stay);
    for (const kind of ['tools', 'prompts', 'resources'] as const) crm.announce(kind);
    await pass(1_000);
    expect(stay.heard()).toEqual([]);
    expect(crm.asked.map(({ method }) => method)).toEqual(['tools/list', 'tools/list']);
  });

  it('is announced within a second while changes keep coming', async () => {
    const crm = new ToolGroup('crm');
    const topology = await bench.topology([crm]);
    const stay = stayOn('mcp', '1');
    await list(topology, stay);
    crm.names.push('b');
    for (let ms = 0; ms < 1_000; ms += 100) {
      crm.announce('tools');
      expect(stay.heard()).toEqual([]);
      await pass(100);
    }
    expect(stay.heard()).toEqual([CHANGED]);
  });

  it('is not announced to whoever has not introduced itself, or has left', async () => {
    const crm = new ToolGroup('crm');
    const topology = await bench.topology([crm]);
    const [stranger, gone, here] = [stayOn('mcp', '1'), stayOn('mcp', '2'), stayOn('mcp', '3')];
    stranger.peer = undefined;
    await list(topology, here);
    gone.end();
    crm.names.push('b');
    crm.announce('tools');
    await pass(250);
    expect([stranger, gone, here].map((stay) => stay.heard())).toEqual([[], [], [CHANGED]]);
  });

  it('is not announced because its server went away and came back', async () => {
    const crm = new ToolGroup('crm');
    const topology = await bench.topology([crm]);
    const stay = stayOn('mcp', '1');
    await list(topology, stay);
    for (let n = 0; n < 5; n++) {
      crm.down = true;
      crm.announce('tools');
      await pass(1_000);
      crm.introduce();
      await pass(1_000);
    }
    expect(stay.heard()).toEqual([]);
  });

  it('is announced to those who were told before somebody was told another one', async () => {
    const crm = new ToolGroup('crm', { capabilities: { tools: {} } });
    const topology = await bench.topology([crm]);
    const [one, two] = [stayOn('mcp', '1'), stayOn('mcp', '2')];
    await list(topology, one);
    crm.names.push('b');
    bench.clock.advance(60_000);
    await list(topology, two);
    await pass(250);
    expect([one.heard(), two.heard()]).toEqual([[CHANGED], []]);
  });

  it('is announced when a group comes that was missing at the first list', async () => {
    const [crm, late] = [new ToolGroup('crm'), new ToolGroup('late').unreached()];
    const topology = await bench.topology([crm, late]);
    const stay = stayOn('mcp', '1');
    const first = list(topology, stay);
    bench.clock.advance(3_000);
    late.giveUpWaiting();
    await first;
    late.introduce();
    await pass(250);
    expect(stay.heard()).toEqual([CHANGED]);
  });

  it('holds nobody up when another group does not answer', async () => {
    const [crm, slow] = [new ToolGroup('crm'), new ToolGroup('slow')];
    const topology = await bench.topology([crm, slow]);
    const stay = stayOn('mcp', '1');
    await list(topology, stay);
    let answer: (text: string) => void = () => undefined;
    slow.handlers['tools/list'] = () => new Promise((resolve) => (answer = resolve));
    crm.names.push('b');
    for (const group of [crm, slow]) group.announce('tools');
    await pass(250);
    await pass(1_000);
    expect(stay.heard()).toEqual([CHANGED]);
    answer('{"tools":[]}');
    await pass(0);
    expect(stay.heard()).toEqual([CHANGED]);
  });

  it('of resources is announced for a change on any page, and for its templates', async () => {
    let last = 'b';
    const templates: object[] = [];
    const page = (uri: string) => `{"resources":[{"uri":"db://${uri}","name":"n"}]`;
    const crm = new ToolGroup('crm', {
      on: {
        'resources/list': ({ params }) =>
          params?.text('cursor') ? `${page(last)}}` : `${page('a')},"nextCursor":"2"}`,
        'resources/templates/list': () => JSON.stringify({ resourceTemplates: templates }),
      },
    });
    const topology = await bench.topology([crm]);
    const stay = stayOn('mcp', '1');
    const update = async (): Promise<string[]> => {
      crm.announce('resources');
      await pass(250);
      const heard = stay.heard();
      await list(topology, stay, '/mcp', 'resources/list');
      await list(topology, stay, '/mcp', 'resources/templates/list');
      return heard;
    };
    await update();
    await update();
    expect(await update()).toEqual([]);
    last = 'c';
    expect(await update()).toEqual(['notifications/resources/list_changed']);
    templates.push({ name: 't', uriTemplate: 'db://{id}' });
    expect(await update()).toEqual(['notifications/resources/list_changed']);
    expect(await update()).toEqual([]);
  });
});

describe('a list of an own session', () => {
  it('is announced to its holder alone', async () => {
    const crm = new ToolGroup('crm', { isolation: 'session' });
    const topology = await bench.topology([crm]);
    const [one, two] = [stayOn('mcp', '1'), stayOn('mcp', '2')];
    for (const stay of [one, two]) await list(topology, stay);
    crm.own.set('1', ['secret']);
    holderOf(one, crm).listChanged('tools');
    await pass(250);
    expect([one.heard(), two.heard()]).toEqual([[CHANGED], []]);
    holderOf(two, crm).listChanged('tools');
    await pass(250);
    expect([one.heard(), two.heard()]).toEqual([[], []]);
  });

  it('is not announced to its holder because everybody else is shown another one', async () => {
    const crm = new ToolGroup('crm');
    const topology = await bench.topology([crm]);
    const able = new TestStay('1', { capabilities: { sampling: {} } });
    bench.audience.enter('mcp', able);
    const plain = stayOn('mcp', '2');
    for (const stay of [able, plain]) await list(topology, stay);
    crm.names.push('b');
    crm.announce('tools');
    await pass(250);
    expect([able.heard(), plain.heard()]).toEqual([[], [CHANGED]]);
  });

  it('is announced when a group changes that its holder shares with everybody', async () => {
    const [crm, wiki] = [
      new ToolGroup('crm', { isolation: 'session' }),
      new ToolGroup('wiki', { isolation: 'shared' }),
    ];
    const topology = await bench.topology([crm, wiki]);
    const stays = [stayOn('mcp', '1'), stayOn('mcp', '2')];
    for (const stay of stays) await list(topology, stay);
    wiki.names.push('b');
    wiki.announce('tools');
    await pass(250);
    expect(stays.map((stay) => stay.heard())).toEqual([[CHANGED], [CHANGED]]);
  });

  it('is asked again when its session is a new one, not when it was lost', async () => {
    const crm = new ToolGroup('crm', { isolation: 'session' });
    const topology = await bench.topology([crm]);
    const stay = stayOn('mcp', '1');
    await list(topology, stay);
    crm.own.set('1', ['b']);
    holderOf(stay, crm).lost('crm-1');
    await pass(1_000);
    expect([stay.heard(), crm.asked.length]).toEqual([[], 1]);
    holderOf(stay, crm).renewed('crm-1');
    await pass(250);
    expect([stay.heard(), crm.asked.length]).toEqual([[CHANGED], 2]);
  });

  it('is announced to whoever listed what everybody is shown, before it was known to need its own', async () => {
    const crm = new ToolGroup('crm').unreached();
    const wiki = new ToolGroup('wiki');
    const topology = await bench.topology([crm, wiki]);
    const stay = stayOn('mcp', '1');
    const first = list(topology, stay);
    bench.clock.advance(3_000);
    crm.giveUpWaiting();
    await first;
    crm.keepsSessions = true;
    crm.introduce();
    await pass(250);
    expect(stay.heard()).toEqual([CHANGED]);
  });
});

describe('a new generation', () => {
  it('announces what it shows otherwise, to everybody and to holders, and nothing else', async () => {
    const groups = () => [new ToolGroup('crm', { isolation: 'session' }), new ToolGroup('wiki')];
    const first = await bench.topology(groups());
    const [one, two] = [stayOn('mcp', '1'), stayOn('wiki', '2')];
    await list(first, one);
    await list(first, two, '/mcp/wiki');

    const second = await bench.topology(groups(), { earlier: first });
    first.close();
    await pass(2_000);
    expect([one.heard(), two.heard()]).toEqual([[], []]);

    const third = await bench.topology([...groups(), new ToolGroup('new')], { earlier: second });
    second.close();
    await pass(2_000);
    expect([one.heard(), two.heard()]).toEqual([[CHANGED], []]);
    await list(third, one);

    await bench.topology([groups()[1]!], { earlier: third });
    third.close();
    await pass(2_000);
    expect([one.heard(), two.heard()]).toEqual([[CHANGED], []]);
  });

  it('asks holders’ lists again where the servers are others, and announces what changed', async () => {
    const [before, after] = [
      new ToolGroup('crm', { isolation: 'session' }),
      new ToolGroup('crm', { isolation: 'session' }),
    ];
    const first = await bench.topology([before]);
    const stay = stayOn('mcp', '1');
    await list(first, stay);
    after.names.push('b');
    const second = await bench.topology([after], { earlier: first });
    first.close();
    await pass(2_000);
    expect(stay.heard()).toEqual([CHANGED]);

    const asked = after.asked.length;
    await bench.topology([after], { earlier: second });
    await pass(2_000);
    expect([stay.heard(), after.asked.length]).toEqual([[], asked + 1]);
  });

  it('announces nothing because the one before still answers somebody', async () => {
    const before = new ToolGroup('crm');
    const first = await bench.topology([before]);
    const [one, two] = [stayOn('mcp', '1'), stayOn('mcp', '2')];
    await list(first, one);
    before.announce('tools');
    let answer: () => void = () => undefined;
    const told = before.handlers['tools/list']!;
    before.handlers['tools/list'] = (...asked) => new Promise((resolve) => (answer = () => resolve(told(...asked))));
    const late = list(first, two);
    await bench.topology([new ToolGroup('crm')], { earlier: first });
    answer();
    await late;
    await pass(2_000);
    expect([one.heard(), two.heard()]).toEqual([[], []]);
  });

  it('announces lists to whoever is shown those of another session from now on', async () => {
    const first = await bench.topology([new ToolGroup('crm', { isolation: 'session' })]);
    const stay = stayOn('mcp', '1');
    await list(first, stay);
    await bench.topology([new ToolGroup('crm', { isolation: 'shared' })], { earlier: first });
    await pass(250);
    expect(stay.heard()).toEqual([CHANGED]);
  });
});
