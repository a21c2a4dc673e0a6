import { randomBytes } from 'node:crypto';

import { NEVER } from 'rxjs';

import { ParkingLot, RequestStates, Rounds } from '../../src/bridge/index.js';
import type { ConfigService } from '../../src/config/index.js';
import { Events } from '../../src/core/events.js';
import type { Exchange, Stay } from '../../src/core/exchange.js';
import { Flow } from '../../src/core/flow.js';
import type { JsonObject } from '../../src/core/json.js';
import { McpRequest, type InterimMessage, type McpReply } from '../../src/core/message.js';
import { EVERYTHING_SEEN, type AccessControl } from '../../src/core/access.js';
import { NO_PINS, type Pins } from '../../src/core/pins.js';
import { ANONYMOUS, type Principal } from '../../src/core/principal.js';
import type { Peer } from '../../src/core/peer.js';
import { Sealer } from '../../src/core/sealed.js';
import { readParams } from '../../src/protocol/index.js';
import { Announcer } from '../../src/routing/announcer/announcer.js';
import { Audience } from '../../src/routing/audience.js';
import { Interned } from '../../src/routing/catalog/interned.js';
import { PinnedListings } from '../../src/routing/catalog/pinned-listings.js';
import { Forwarder } from '../../src/routing/forward/forwarder.js';
import { Holders } from '../../src/routing/holder/holders.js';
import { Listens } from '../../src/routing/listening/listens.js';
import { LogLevels } from '../../src/routing/log-levels.js';
import { Subscriptions } from '../../src/routing/subscriptions/subscriptions.js';
import { TaskRelay } from '../../src/routing/tasks/task-relay.js';
import { buildTopology, type TopologyPlan, type TopologyTools } from '../../src/routing/topology.builder.js';
import type { Topology } from '../../src/routing/topology.js';
import { FilterChain } from '../../src/pipeline/index.js';
import type { Group } from '../../src/upstream/index.js';
import { ManualClock } from './manual-clock.js';

export interface PlanOverride extends Partial<Omit<TopologyPlan, 'lists'>> {
  readonly lists?: Partial<TopologyPlan['lists']>;
}

/** Chains without filters. */
export const BARE_CHAINS: TopologyTools['chains'] = {
  build: async (_named, terminal) => new FilterChain([], terminal),
};

export const CLIENT: Peer = {
  era: 'legacy',
  revision: '2025-11-25',
  capabilities: {},
  info: { name: 'client', version: '1' },
};

/** A downstream that stays until a test ends it, and remembers what it was sent. */
export class TestStay implements Stay {
  readonly id: string;
  readonly principal: Principal;
  peer: Peer | undefined;
  logLevel: string | undefined;
  ended = false;
  readonly flow = new Flow();
  readonly delivered: InterimMessage[] = [];
  private readonly endings = new Set<() => void>();

  constructor(
    id: string,
    { principal = ANONYMOUS, capabilities = {} }: Partial<Pick<Peer, 'capabilities'> & Pick<Stay, 'principal'>> = {},
  ) {
    this.id = id;
    this.principal = principal;
    this.peer = { ...CLIENT, capabilities };
  }

  /** The methods of what it was sent since it was asked last. */
  heard(): string[] {
    return this.delivered.splice(0).map(({ method }) => method);
  }

  deliver(message: InterimMessage): void {
    this.delivered.push(message);
  }

  onEnd(callback: () => void): () => void {
    if (this.ended) callback();
    else this.endings.add(callback);
    return () => this.endings.delete(callback);
  }

  end(): void {
    this.ended = true;
    for (const callback of this.endings) callback();
    this.endings.clear();
  }
}

/** Clients have ten minutes to answer. */
const CONFIG = { get: () => ({ input: 600_000 }), changes: NEVER } as unknown as ConfigService;

/** A place to build topologies in, with a clock of its own. */
export class RoutingBench {
  readonly clock = new ManualClock();
  readonly audience = new Audience();
  readonly events = new Events();
  readonly notices: string[] = [];
  private readonly sealer = new Sealer(randomBytes(32));
  private readonly holders = new Holders(new TaskRelay(this.sealer), this.clock);
  readonly subscriptions = new Subscriptions(this.clock, this.holders);
  readonly announcer = new Announcer(this.audience, this.clock);
  readonly listens = new Listens(this.announcer, this.subscriptions, this.clock, this.events);
  readonly states = new RequestStates(this.sealer, this.clock);
  readonly lot = new ParkingLot(this.clock, this.states, this.events, CONFIG);
  private readonly levels = new LogLevels();
  /** Whose eyes see what; everybody's everything unless a test says otherwise. */
  access: AccessControl = EVERYTHING_SEEN;
  readonly forwarder = new Forwarder(new Rounds(this.clock), this.states, this.lot, this.holders, this.levels);
  readonly tools: TopologyTools;
  maxListens = 1_024;
  private generation = 0;

  constructor(pins: Pins = NO_PINS) {
    this.tools = {
      clock: this.clock,
      sealer: this.sealer,
      chains: BARE_CHAINS,
      levels: this.levels,
      notice: (text) => this.notices.push(text),
      holders: this.holders,
      tasks: this.holders.tasks,
      subscriptions: this.subscriptions,
      announcer: this.announcer,
      listens: this.listens,
      forwarder: this.forwarder,
      events: this.events,
      listings: new Interned(),
      ownLists: new WeakMap(),
      access: {
        sightOf: (principal, route) => this.access.sightOf(principal, route),
        mayFollow: (principal, route, resource) => this.access.mayFollow(principal, route, resource),
      },
      pins: pins,
      pinned: new PinnedListings(pins),
    };
  }

  /** A generation that takes over from the one before. */
  async topology(groups: readonly Group[], { lists, ...override }: PlanOverride = {}): Promise<Topology> {
    const bounds = { pages: 100, items: 10_000, bytes: 1_000_000 };
    const plan: TopologyPlan = {
      generation: ++this.generation,
      groups,
      earlier: undefined,
      instructions: undefined,
      pageSize: 1_000,
      maxOwnLists: 100,
      ...override,
      lists: { ttl: 60_000, timeout: 10_000, firstWait: 3_000, bounds, mayBePublic: false, ...lists },
    };
    const topology = await buildTopology(plan, this.tools);
    this.tools.holders.adopt(groups);
    this.tools.announcer.follow(topology.showings());
    this.subscriptions.carryOver(groups, { perStay: 1_000, perPrincipal: 100_000, inAll: 100_000 });
    const showings = topology.showings();
    this.subscriptions.revise((route, stay, resource) => showings.get(route)?.mayFollow(stay, resource) ?? false);
    this.listens.carryOver(showings, {
      max: this.maxListens,
      maxPerPrincipal: this.maxListens,
      listTtl: plan.lists.ttl,
    });
    return topology;
  }

  exchange(override: Partial<Exchange> = {}): Exchange & { readonly delivered: InterimMessage[] } {
    const delivered: InterimMessage[] = [];
    const now = this.clock.now();
    return {
      id: 'x',
      method: '',
      peer: CLIENT,
      principal: ANONYMOUS,
      stay: new TestStay('stay'),
      flow: new Flow(),
      clientAddress: '192.0.2.1',
      route: 'mcp',
      startedAt: now,
      deadline: now + 60_000,
      signal: new AbortController().signal,
      wantsProgress: false,
      logLevel: undefined,
      declares: {},
      mirrored: undefined,
      header: () => undefined,
      target: undefined,
      server: undefined,
      ...override,
      delivered,
      deliver: (message) => delivered.push(message),
    };
  }

  /** Sends a request down a route. */
  send(topology: Topology, path: string, method: string, params?: JsonObject | string): Promise<McpReply> {
    const route = topology.find(path);
    if (!route) throw new Error(`no route ${path}`);
    return route.handle(request(method, params), this.exchange());
  }

  /** Sends a request and reads its reply. */
  async call<T = JsonObject>(
    topology: Topology,
    path: string,
    method: string,
    params?: JsonObject | string,
  ): Promise<T> {
    return (await this.send(topology, path, method, params)).json.parse() as T;
  }

  /** What a downstream sends on a route: a request, of which the reply is read. */
  ask<T = JsonObject>(topology: Topology, stay: Stay, path: string, ...sent: Parameters<typeof request>): Promise<T> {
    const route = topology.find(path)!;
    const { peer = CLIENT, principal } = stay;
    const exchange = this.exchange({ stay, peer, principal, method: sent[0], route: route.name });
    return route.handle(request(...sent), exchange).then(({ json }) => json.parse() as T);
  }

  principal(subject: string): Principal {
    return { ...ANONYMOUS, subject };
  }
}

/** A request as it comes from a client. @param params as an object, or as the text the client wrote */
export function request(method: string, params?: JsonObject | string): McpRequest {
  if (params === undefined) return new McpRequest(method, undefined);
  const text = typeof params === 'string' ? params : JSON.stringify(params);
  return new McpRequest(method, readParams(Buffer.from(text)));
}
