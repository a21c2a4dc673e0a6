import type { Target } from '../core/exchange.js';
import type { Pace } from '../core/gcra.js';
import type { Sender } from '../core/rate-gate.js';
import { clientKey } from './client-key.js';
import { Limit } from './limit.js';
import type { KeyStrategy, RateLimitingSection } from './rate-limiting.section.js';
import { ToolLimits } from './tool-limits.js';

/** A connection may bring so many times what its client may send before it is closed: that is no client any more. */
const MESSAGE_FACTOR = 10;

/** One more under one key of one limit. */
export interface Count {
  readonly limit: Limit;
  readonly key: string;
}

/** The limits of one configuration. */
export class RatePlan {
  readonly enabled: boolean;
  /** What one connection may bring of whatever kind. */
  readonly messagePace: Pace;
  private readonly strategy: KeyStrategy;
  private readonly client: Limit;
  private readonly global: Limit | undefined;
  private readonly routes: ReadonlyMap<string, Limit>;
  private readonly tools: ToolLimits;

  constructor({ enabled, keyStrategy, requestsPerMinute, burstSize, global, routes, tools }: RateLimitingSection) {
    this.enabled = enabled;
    this.strategy = keyStrategy;
    this.client = new Limit('client', requestsPerMinute, burstSize);
    this.messagePace = this.client.paceTimes(MESSAGE_FACTOR);
    this.global =
      global.requestsPerMinute === undefined
        ? undefined
        : new Limit('global', global.requestsPerMinute, global.burstSize);
    this.routes = new Map(
      Object.entries(routes).map(([name, route]) => [
        name,
        new Limit('route', route.requestsPerMinute, route.burstSize),
      ]),
    );
    this.tools = new ToolLimits(tools);
  }

  /** What counts for every request of a client, wherever it goes. */
  clientCount({ principal, clientAddress }: Sender): Count {
    return { limit: this.client, key: `rate:client:${clientKey(this.strategy, principal, clientAddress)}` };
  }

  /**
   * Everything that one request counts for, narrowest first: who is held up by a limit of its own takes nothing of
   * what it shares with others.
   *
   * @param tool that is called, where it is a call of one
   */
  counts(sender: Sender, tool: Target | undefined): Count[] {
    const { principal, clientAddress, routeName } = sender;
    const client = clientKey(this.strategy, principal, clientAddress);
    const counts: Count[] = [{ limit: this.client, key: `rate:client:${client}` }];
    const route = this.routes.get(routeName);
    if (route) counts.push({ limit: route, key: `rate:route:${routeName}:${client}` });
    if (tool) this.countTool(tool, client, counts);
    if (this.global) counts.push({ limit: this.global, key: 'rate:global' });
    return counts;
  }

  /** Those that each client has for itself come before those that all share. */
  private countTool(tool: Target, client: string, counts: Count[]): void {
    const limits = this.tools.of(tool);
    for (const { limit, key, perClient } of limits) {
      if (perClient) counts.push({ limit, key: `rate:tool:${key}:${client}` });
    }
    for (const { limit, key, perClient } of limits) {
      if (!perClient) counts.push({ limit, key: `rate:tool:${key}` });
    }
  }
}
