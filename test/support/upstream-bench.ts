import { Test, type TestingModule } from '@nestjs/testing';

import { BalancerModule } from '../../src/balancer/index.js';
import { CLOCK } from '../../src/core/clock.js';
import { Events, type GatewayEvents } from '../../src/core/events.js';
import type { Exchange } from '../../src/core/exchange.js';
import { McpRequest, type McpReply } from '../../src/core/message.js';
import { ExtensionModule, Extensions } from '../../src/extension/index.js';
import { Outbound, type OutboundRequest, type OutboundResponse } from '../../src/outbound/index.js';
import { readParams } from '../../src/protocol/index.js';
import { systemClock } from '../../src/system-clock.js';
import {
  type Group,
  GroupManager,
  type Holder,
  ServerConfig,
  TRANSPORTS,
  UpstreamSection,
} from '../../src/upstream/index.js';
import { exchangeWith } from './exchanges.ts';
import { until } from './until.ts';

type Server = Partial<ServerConfig>;
type Asking = { request(asked: OutboundRequest): Promise<OutboundResponse> };

const NOBODY: Asking = { request: () => Promise.reject(new Error('nobody is asked')) };

/** Groups with real servers behind them, and everything that is announced about them. */
export class UpstreamBench {
  readonly announced: { name: string; event: unknown }[] = [];
  readonly manager: GroupManager;
  readonly extensions: Extensions;

  private constructor(
    private readonly module: TestingModule,
    readonly events: Events,
  ) {
    this.manager = module.get(GroupManager);
    this.extensions = module.get(Extensions);
    for (const name of [
      'server.changed',
      'server.introduced',
      'server.retired',
      'breaker.changed',
      'attempt.finished',
      'probe.finished',
      'upstream_session.opened',
      'upstream_session.closed',
    ] as const) {
      events.on(name, (event: GatewayEvents[typeof name]) => this.announced.push({ name, event }));
    }
  }

  /** @param outbound what is asked beside the data path; nobody answers where it is left out */
  static async create(outbound: Asking = NOBODY): Promise<UpstreamBench> {
    const events = new Events();
    const module = await Test.createTestingModule({
      imports: [ExtensionModule, BalancerModule],
      providers: [
        GroupManager,
        ...TRANSPORTS,
        { provide: CLOCK, useValue: systemClock },
        { provide: Events, useValue: events },
        { provide: Outbound, useValue: outbound },
      ],
    }).compile();
    return new UpstreamBench(await module.init(), events);
  }

  /** One group of these servers, started. */
  async start(servers: readonly Server[], changed: Partial<UpstreamSection> = {}): Promise<Group> {
    const group = await this.build(servers, changed);
    this.manager.start([group]);
    return group;
  }

  async build(servers: readonly Server[], changed: Partial<UpstreamSection> = {}): Promise<Group> {
    const [group] = await this.manager.build(sectionWith(servers, changed), { name: 'gateway', version: '1' });
    if (!group) throw new Error('no group was built');
    return group;
  }

  /** Resolves when so many servers of the group are up. */
  up(group: Group, count: number): Promise<true> {
    return until(
      () => group.view().servers.filter(({ state }) => state.kind === 'up').length === count,
      `${count} servers`,
    );
  }

  names(name: string): unknown[] {
    return this.announced.filter((each) => each.name === name).map(({ event }) => event);
  }

  async close(): Promise<void> {
    await this.manager.closeAll(0);
    await this.module.close();
  }
}

export function sectionWith(servers: readonly Server[], changed: Partial<UpstreamSection> = {}): UpstreamSection {
  const defaults = {
    ...Object.fromEntries(Object.entries(new ServerConfig())),
    id: undefined,
    url: undefined,
    transport: 'auto',
    era: 'legacy',
    command: undefined,
    cwd: undefined,
    args: [],
    env: {},
    headers: {},
    weight: 100,
  };
  return {
    ...Object.fromEntries(Object.entries(new UpstreamSection())),
    reconnect: { min: 20, max: 500 },
    groups: {
      crm: {
        strategy: 'round_robin',
        prefix: undefined,
        isolation: 'auto',
        servers: servers.map((server) => ({ ...defaults, ...server })),
      },
    },
    ...changed,
  } as UpstreamSection;
}

/** Sends a request for a downstream. @param holder on whose own session */
export function send(
  group: Group,
  method: string,
  params: object = {},
  { exchange = exchangeWith(), holder }: { exchange?: Exchange; holder?: Holder | undefined } = {},
): Promise<McpReply> {
  const request = new McpRequest(method, readParams(Buffer.from(JSON.stringify(params))));
  return group.send(request, exchange, (message, { deliver }) => deliver(message), holder);
}

/** What the scripted server replied. */
export async function valueOf(reply: Promise<McpReply>): Promise<unknown> {
  return (await reply).json.object()['value'];
}
