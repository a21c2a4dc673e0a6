import type { Introduction } from '../bridge/index.js';
import type { Exchange, Stay } from '../core/exchange.js';
import type { Principal } from '../core/principal.js';
import type { McpReply, McpRequest, Params } from '../core/message.js';

export type { Introduction };

/** A path that downstreams can use, in one generation. */
export interface Route {
  /** `mcp` for the aggregated route, else the name of its group. */
  readonly name: string;
  readonly path: string;
  /** Runs the filter chain of the route. @throws any `GatewayError` */
  handle(request: McpRequest, exchange: Exchange): Promise<McpReply>;
  /**
   * Takes what a downstream says to the servers behind the route, such as that its roots changed. Never throws:
   * nobody waits for an answer.
   *
   * @param method of a notification, such as `notifications/roots/list_changed`
   */
  notify(method: string, params: Params | undefined, stay: Stay): void;
  /** Whether a server keeps a session for that stay, or would: then all its requests have to go through one process. */
  keepsFor(stay: Stay): boolean;
  /**
   * What a legacy `initialize` is answered with, beside version and name: only of groups of which the principal may see
   * anything. Never waits for an upstream.
   */
  introduction(principal: Principal): Introduction;
}

/** The routes of the running generation. */
export interface RouteTable {
  /** @param path of the request, without query; a trailing slash is forgiven */
  find(path: string): Route | undefined;
}

export const ROUTE_TABLE = Symbol('RouteTable');
