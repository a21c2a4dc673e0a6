import { randomBytes } from 'node:crypto';

import type { Exchange } from '../../src/core/exchange.js';
import type { JsonObject } from '../../src/core/json.js';
import { McpRequest, type InterimMessage, type McpReply } from '../../src/core/message.js';
import { ANONYMOUS, type Principal } from '../../src/core/principal.js';
import { Sealer } from '../../src/core/sealed.js';
import { readParams } from '../../src/protocol/index.js';
import { LogLevels } from '../../src/routing/log-levels.js';
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

/** A place to build topologies in, with a clock of its own. */
export class RoutingBench {
  readonly clock = new ManualClock();
  readonly notices: string[] = [];
  readonly tools: TopologyTools = {
    clock: this.clock,
    sealer: new Sealer(randomBytes(32)),
    chains: BARE_CHAINS,
    levels: new LogLevels(),
    notice: (text) => this.notices.push(text),
  };
  private generation = 0;

  topology(groups: readonly Group[], { lists, ...override }: PlanOverride = {}): Promise<Topology> {
    const bounds = { pages: 100, items: 10_000, bytes: 1_000_000 };
    const plan: TopologyPlan = {
      generation: ++this.generation,
      groups,
      earlier: undefined,
      instructions: undefined,
      pageSize: 1_000,
      ...override,
      lists: { ttl: 60_000, timeout: 10_000, firstWait: 3_000, bounds, ...lists },
    };
    return buildTopology(plan, this.tools);
  }

  exchange(override: Partial<Exchange> = {}): Exchange & { readonly delivered: InterimMessage[] } {
    const delivered: InterimMessage[] = [];
    const now = this.clock.now();
    return {
      id: 'x',
      method: '',
      peer: { era: 'legacy', revision: '2025-11-25', capabilities: {}, info: { name: 'client', version: '1' } },
      principal: ANONYMOUS,
      stay: { id: 'stay', logLevel: undefined },
      clientAddress: '192.0.2.1',
      route: 'mcp',
      startedAt: now,
      deadline: now + 60_000,
      signal: new AbortController().signal,
      wantsProgress: false,
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
