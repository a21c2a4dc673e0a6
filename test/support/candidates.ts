import type { BalancingStrategy, Candidate } from '../../src/balancer/index.js';
import type { Exchange } from '../../src/core/exchange.js';
import { McpRequest } from '../../src/core/message.js';

/** A server as a strategy sees it: weight 1 and idle unless said otherwise. */
export function candidate(id: string, { weight = 1, pending = 0 }: Partial<Candidate> = {}): Candidate {
  return { id, weight, pending };
}

/** As much of an exchange as a strategy looks at. */
export function exchangeFrom(clientAddress: string): Exchange {
  return { clientAddress } as Exchange;
}

export const ANY_REQUEST = new McpRequest('tools/list', undefined);

/** The ids of so many picks, joined by spaces. */
export function picks(strategy: BalancingStrategy, from: readonly [Candidate, ...Candidate[]], times: number): string {
  const exchange = exchangeFrom('192.0.2.1');
  return Array.from({ length: times }, () => strategy.pick(from, exchange, ANY_REQUEST).id).join(' ');
}
