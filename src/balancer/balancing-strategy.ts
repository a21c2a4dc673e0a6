import type { Exchange } from '../core/exchange.js';
import type { McpRequest } from '../core/message.js';
import { defineExtensionPoint } from '../extension/index.js';

/** What a strategy may know of a server. Everything else is none of its business. */
export interface Candidate {
  /** Unique within its group, and the same for as long as the server is configured. */
  readonly id: string;
  /** A positive integer. */
  readonly weight: number;
  /** Requests sent and not yet answered. */
  readonly pending: number;
}

/**
 * Chooses one server of a group for one request. Every group has an instance of its own, so a strategy
 * may remember what it picked. Must not block and must not do I/O.
 */
export interface BalancingStrategy {
  /**
   * @param candidates the servers that may be used now: never empty, in a stable order, weight 0 left out
   * @param exchange undefined when the gateway itself asks and no downstream stands behind it
   */
  pick<C extends Candidate>(candidates: readonly [C, ...C[]], exchange: Exchange | undefined, request: McpRequest): C;
}

export const BalancingStrategy = defineExtensionPoint<BalancingStrategy>('balancing strategy');
