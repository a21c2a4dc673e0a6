import { randomBytes } from 'node:crypto';

import { Logger } from '@nestjs/common';

import { FakeGroup } from '../../test/support/fake-group.js';
import { ManualClock } from '../../test/support/manual-clock.js';
import { BARE_CHAINS, request, RoutingBench } from '../../test/support/routing.js';
import { ConfigService, openConfig, TextSource, TimeoutSection } from '../config/index.js';
import { EVERYTHING_SEEN } from '../core/access.js';
import { GatewayError } from '../core/errors.js';
import { Events } from '../core/events.js';
import { NO_PINS } from '../core/pins.js';
import { Sealer } from '../core/sealed.js';
import type { ChainBuilder } from '../pipeline/index.js';
import { UpstreamSection, type Group, type GroupManager } from '../upstream/index.js';
import { Announcer } from './announcer/announcer.js';
import { Audience } from './audience.js';
import { ParkingLot, RequestStates, Rounds } from '../bridge/index.js';
import { GatewaySection } from './gateway.section.js';
import { Forwarder } from './forward/forwarder.js';
import { Holders } from './holder/holders.js';
import { Listens } from './listening/listens.js';
import { TopologyService } from './topology.service.js';
import { LogLevels } from './log-levels.js';
import { RouterToolbox } from './router.toolbox.js';
import { Subscriptions } from './subscriptions/subscriptions.js';
import { TaskRelay } from './tasks/task-relay.js';
import { TopologyToolbox } from './topology.toolbox.js';
import { Visibility } from './visibility.js';

/** Makes a group in memory of every group in the configuration, and notes what becomes of it. */
class FakeGroupManager {
  readonly started: string[][] = [];
  readonly retired: { readonly names: string[]; readonly drainMs: number }[] = [];
  closedWithin: number | undefined;
  refuse = false;
  readonly built: FakeGroup[][] = [];

  async build(section: UpstreamSection): Promise<Group[]> {
    if (this.refuse) throw new GatewayError('config_invalid', 'no such transport');
    const groups = Object.keys(section.groups).map((name) => new FakeGroup(name, { prefix: '' }));
    this.built.push(groups);
    return groups;
  }

  start(groups: readonly Group[]): void {
    this.started.push(groups.map(({ name }) => name));
  }

  async retire(groups: readonly Group[], drainMs: number): Promise<void> {
    this.retired.push({ names: groups.map(({ name }) => name), drainMs });
  }

  async closeAll(drainMs: number): Promise<void> {
    this.closedWithin = drainMs;
  }
}

const toml = (...groups: string[]) =>
  groups.map((name) => `[[upstream.groups.${name}.servers]]\ncommand = "x"\n`).join('');

let clock: ManualClock;
let manager: FakeGroupManager;
let config: ConfigService;
let service: TopologyService;

beforeEach(async () => {
  Logger.overrideLogger(false);
  clock = new ManualClock();
  manager = new FakeGroupManager();
  const sections = [GatewaySection, UpstreamSection, TimeoutSection];
  const opened = await openConfig({ source: new TextSource(toml('crm')), sections, environment: {} });
  const events = new Events();
  config = new ConfigService(opened, events);
  const product = { name: 'gateway', version: '1', environment: 'test' };
  const sealer = new Sealer(randomBytes(32));
  const announcer = new Announcer(new Audience(), clock);
  const holders = new Holders(new TaskRelay(sealer), clock);
  const subscriptions = new Subscriptions(clock, holders);
  const chains = BARE_CHAINS as ChainBuilder;
  const listens = new Listens(announcer, subscriptions, clock, events);
  const states = new RequestStates(sealer, clock);
  const levels = new LogLevels();
  const parking = new ParkingLot(clock, states, events, config);
  const forwarder = new Forwarder(new Rounds(clock), states, parking, holders, levels);
  const router = new RouterToolbox(
    levels,
    announcer,
    subscriptions,
    listens,
    forwarder,
    new Visibility(NO_PINS, EVERYTHING_SEEN),
  );
  const tools = new TopologyToolbox(clock, sealer, chains, holders, events, router);
  service = new TopologyService(config, manager as unknown as GroupManager, product, tools, parking);
});

const paths = () => ['/mcp', '/mcp/crm', '/mcp/wiki'].filter((path) => service.find(path));

describe('the topology service', () => {
  it('has nothing to show before it was started', () => {
    expect([service.generation, service.groups(), paths()]).toEqual([0, [], []]);
  });

  it('builds and starts the first generation', async () => {
    await service.start();
    expect([service.generation, paths()]).toEqual([1, ['/mcp', '/mcp/crm']]);
    expect(service.groups().map(({ name }) => name)).toEqual(['crm']);
    expect(manager.started).toEqual([['crm']]);
  });

  it('refuses to start with what cannot be built', async () => {
    manager.refuse = true;
    await expect(service.start()).rejects.toMatchObject({ code: 'config_invalid' });
  });

  it('swaps a new generation in and retires the old one', async () => {
    await service.start();
    await config.apply(new TextSource(toml('wiki')));
    await vi.waitFor(() => expect(manager.retired).toEqual([{ names: ['crm'], drainMs: 60_000 }]));

    expect([service.generation, paths()]).toEqual([2, ['/mcp', '/mcp/wiki']]);
    expect(manager.started).toEqual([['crm'], ['wiki']]);
    expect(manager.built[0]![0]!.listening).toBe(0);
  });

  it('retires the old generation only when its last exchange has ended', async () => {
    await service.start();
    let answer: (text: string) => void = () => undefined;
    manager.built[0]![0]!.handlers['tools/call'] = () => new Promise((resolve) => (answer = resolve));
    const exchange = new RoutingBench().exchange();
    const call = service.find('/mcp/crm')!.handle(request('tools/call', { name: 'a' }), exchange);
    await config.apply(new TextSource(toml('wiki')));
    await vi.waitFor(() => expect(service.generation).toBe(2));
    expect(manager.retired).toEqual([]);

    clock.advance(1_000);
    answer('{"content":[]}');
    await call;
    await vi.waitFor(() => expect(manager.retired).toEqual([{ names: ['crm'], drainMs: 59_000 }]));
  });

  it('keeps the old generation when the new one cannot be built', async () => {
    await service.start();
    manager.refuse = true;
    await config.apply(new TextSource(toml('wiki')));
    manager.refuse = false;
    await config.apply(new TextSource(toml('crm', 'wiki')));
    await vi.waitFor(() => expect(service.generation).toBe(3));
    expect(manager.built).toHaveLength(2);
  });

  it('refuses a configuration in which two groups have one prefix', async () => {
    await service.start();
    const outcome = await config.apply(
      new TextSource(`${toml('crm', 'wiki')}[upstream.groups.wiki]\nprefix = "crm"\n`),
    );
    expect(outcome).toMatchObject({ kind: 'rejected', problems: [{ key: 'upstream.groups.wiki.prefix' }] });
    expect(service.generation).toBe(1);
  });

  it('closes everything and follows the configuration no more', async () => {
    await service.start();
    await service.close(5_000);
    await config.apply(new TextSource(toml('wiki')));
    expect([manager.closedWithin, service.generation, manager.built.length]).toEqual([5_000, 1, 1]);
    expect(manager.built[0]![0]!.listening).toBe(0);
  });
});
