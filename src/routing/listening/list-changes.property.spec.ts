import { setImmediate as turn } from 'node:timers/promises';

import * as fc from 'fast-check';

import { FakeGroup } from '../../../test/support/fake-group.ts';
import { TestListen } from '../../../test/support/listening.ts';
import { RoutingBench, TestStay } from '../../../test/support/routing.ts';
import type { Topology } from '../topology.js';

const GROUPS = ['a', 'b', 'c'] as const;
type Name = (typeof GROUPS)[number];

type Step =
  | { readonly do: 'change'; readonly group: Name; readonly tools: readonly string[] }
  | { readonly do: 'announce'; readonly group: Name }
  | { readonly do: 'reload'; readonly groups: readonly Name[] }
  | { readonly do: 'listen' | 'list' | 'settle' }
  | { readonly do: 'leave'; readonly which: number };

const group = fc.constantFrom(...GROUPS);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('change' as const), group, tools: fc.subarray(['x', 'y', 'z']) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('announce' as const), group }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('reload' as const), groups: fc.subarray([...GROUPS], { minLength: 1 }) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('listen' as const, 'list' as const, 'settle' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), which: fc.nat({ max: 3 }) }) },
);

/** Somebody who listens, and what it may take the list to be. */
interface Listener {
  readonly listening: TestListen;
  /** The list when it began, or when everything was last at rest. */
  seen: string;
  /** Whether it has listened for as long as that. */
  sure: boolean;
  /** Whether somebody was shown another list meanwhile: it may have been the same who listens. */
  passed: boolean;
}

/** Servers whose tools change, behind one gateway, and those who listen. */
class World {
  private readonly bench = new RoutingBench();
  private readonly tools = new Map<Name, readonly string[]>(GROUPS.map((name) => [name, ['x']]));
  private groups: FakeGroup[] = [];
  private topology: Topology | undefined;
  private readonly listeners: Listener[] = [];

  async perform(step: Step): Promise<void> {
    switch (step.do) {
      case 'change':
        this.tools.set(step.group, step.tools);
        return this.announce(step.group);
      case 'announce':
        return this.announce(step.group);
      case 'reload':
        return this.reload(step.groups);
      case 'list':
        return this.show();
      case 'listen':
        return this.listen();
      case 'leave':
        await this.listeners.splice(step.which, 1)[0]?.listening.leave();
        return;
      case 'settle':
        return this.settle();
    }
  }

  async reload(names: readonly Name[]): Promise<void> {
    const earlier = this.topology;
    this.groups = names.map((name) => this.group(name));
    this.topology = await this.bench.topology(this.groups, { earlier });
    earlier?.close();
  }

  /** Lets everything come to rest, and sees who was told what. */
  async settle(): Promise<void> {
    for (const ms of [250, 1_000, 1_000]) {
      this.bench.clock.advance(ms);
      await rest();
    }
    const now = this.list();
    for (const listener of this.listeners) {
      const told = listener.listening.heard();
      if (listener.seen !== now || listener.passed) expect(told).toEqual(['tools']);
      // What it was when somebody began may have been learned only then.
      else if (listener.sure) expect(told).toEqual([]);
      else expect([[], ['tools']]).toContainEqual(told);
      listener.seen = now;
      listener.sure = true;
      listener.passed = false;
    }
  }

  async end(): Promise<void> {
    for (const { listening } of this.listeners.splice(0)) await listening.leave();
    await this.settle();
    expect([this.bench.listens.size, this.bench.clock.timers]).toEqual([0, 0]);
  }

  private get current(): Topology {
    if (!this.topology) throw new Error('nothing was built');
    return this.topology;
  }

  private async show(): Promise<void> {
    await this.bench.ask(this.current, new TestStay('legacy'), '/mcp', 'tools/list');
    for (const listener of this.listeners) if (listener.seen !== this.list()) listener.passed = true;
  }

  private async listen(): Promise<void> {
    const listening = new TestListen(this.bench, this.current, { toolsListChanged: true });
    await rest();
    expect(listening.acknowledged).toEqual({ toolsListChanged: true });
    this.listeners.push({ listening, seen: this.list(), sure: false, passed: false });
  }

  private announce(name: Name): void {
    for (const each of this.groups) if (each.name === name) each.announce('tools');
  }

  private group(name: Name): FakeGroup {
    const list = () => this.tools.get(name)?.map((tool) => ({ name: tool, inputSchema: { type: 'object' } })) ?? [];
    return new FakeGroup(name, { on: { 'tools/list': () => JSON.stringify({ tools: list() }) } });
  }

  /** What the route shows. */
  private list(): string {
    return this.groups.flatMap(({ name }) => this.tools.get(name as Name)?.map((tool) => `${name}__${tool}`)).join();
  }
}

async function rest(): Promise<void> {
  for (let round = 0; round < 4; round++) await turn();
}

describe('changes of lists, reloads and listens in any order', () => {
  it('tell everybody who listens of each change once, and of nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const world = new World();
        await world.reload(GROUPS);
        for (const each of steps) await world.perform(each);
        await world.settle();
        await world.end();
      }),
      { numRuns: 300 },
    );
  });
});
