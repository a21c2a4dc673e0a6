import type { Exchange } from './exchange.js';
import type { InterimMessage, McpReply, McpRequest } from './message.js';

/** The rest of the chain. */
export type Next = (request: McpRequest, exchange: Exchange) => Promise<McpReply>;

/** Takes a message that travels back before the reply. */
export type Relay = (message: InterimMessage, exchange: Exchange) => void;

/**
 * One concern on the data path. A filter may change the request before `next`, change the reply after
 * it, answer without calling it, or call it again.
 *
 * The chain is compiled once per route and generation, so `next` takes the exchange as well: no closure
 * is made for a message.
 */
export interface Filter {
  /** Read once, when the chain is built: whether it would do nothing in this generation, and is left out. */
  readonly idle?: boolean;

  handle(request: McpRequest, exchange: Exchange, next: Next): Promise<McpReply>;

  /**
   * Sees each message that travels back before the reply, innermost first. `undefined` drops it; an input request
   * that is dropped is refused at once.
   */
  relay?(message: InterimMessage, exchange: Exchange): InterimMessage | undefined;
}

/** Where a chain ends. The router is the only one in production. */
export interface Terminal {
  send(request: McpRequest, exchange: Exchange, relay: Relay): Promise<McpReply>;
}

/**
 * Where in a chain a filter stands, outermost first. Arguments are validated after it is known that their sender may
 * see the tool at all: what is wrong with them tells of its schema.
 */
export const PHASES = ['observe', 'authorize', 'limit', 'validate', 'transform', 'cache'] as const;
export type Phase = (typeof PHASES)[number];
