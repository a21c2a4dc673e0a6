import type { Pace } from '../core/gcra.js';
import type { Principal } from '../core/principal.js';
import { ClientCounts, type CommonLimits } from './client-counts.js';
import { addressKey, ownKey } from './client-key.js';
import { Limit } from './limit.js';
import type { KeyStrategy, RateLimitingSection } from './rate-limiting.section.js';
import { ToolLimits } from './tool-limits.js';

/** A connection may bring so many times what its client may send before it is closed: that is no client any more. */
const MESSAGE_FACTOR = 10;
/** So many addresses are remembered with what they count for. What they have spent is kept elsewhere. */
const MAX_ADDRESSES = 10_000;

/** The limits of one configuration. */
export class RatePlan {
  readonly enabled: boolean;
  /** What one connection may bring of whatever kind. */
  readonly messagePace: Pace;
  private readonly strategy: KeyStrategy;
  private readonly limits: CommonLimits;
  private readonly byPrincipal = new WeakMap<Principal, ClientCounts>();
  private readonly byAddress = new Map<string, ClientCounts>();

  constructor({ enabled, keyStrategy, requestsPerMinute, burstSize, global, routes, tools }: RateLimitingSection) {
    this.enabled = enabled;
    this.strategy = keyStrategy;
    const client = new Limit('client', requestsPerMinute, burstSize);
    this.messagePace = client.paceTimes(MESSAGE_FACTOR);
    this.limits = {
      client,
      global:
        global.requestsPerMinute === undefined
          ? undefined
          : { limit: new Limit('global', global.requestsPerMinute, global.burstSize), key: 'rate:global' },
      routes: new Map(
        Object.entries(routes).map(([name, route]) => [
          name,
          new Limit('route', route.requestsPerMinute, route.burstSize),
        ]),
      ),
      tools: new ToolLimits(tools),
    };
  }

  /** What a client counts for. */
  clientOf(principal: Principal, clientAddress: string): ClientCounts {
    if (this.strategy !== 'ip_address') {
      const known = this.byPrincipal.get(principal) ?? this.rememberPrincipal(principal);
      if (known) return known;
    }
    return this.byAddress.get(clientAddress) ?? this.rememberAddress(clientAddress);
  }

  private rememberPrincipal(principal: Principal): ClientCounts | undefined {
    const key = ownKey(this.strategy, principal);
    if (key === undefined) return undefined;
    const made = new ClientCounts(key, this.limits);
    this.byPrincipal.set(principal, made);
    return made;
  }

  private rememberAddress(clientAddress: string): ClientCounts {
    if (this.byAddress.size >= MAX_ADDRESSES) this.byAddress.clear();
    const made = new ClientCounts(addressKey(clientAddress), this.limits);
    this.byAddress.set(clientAddress, made);
    return made;
  }
}
