import type { Introduction } from '../bridge/index.js';
import type { Exchange } from '../core/exchange.js';
import type { McpReply, McpRequest } from '../core/message.js';

export type { Introduction };

/** A path that downstreams can use, in one generation. */
export interface Route {
  /** `mcp` for the aggregated route, else the name of its group. */
  readonly name: string;
  readonly path: string;
  /** Runs the filter chain of the route. @throws any `GatewayError` */
  handle(request: McpRequest, exchange: Exchange): Promise<McpReply>;
  /** What a legacy `initialize` is answered with, beside version and name. Never waits for an upstream. */
  introduction(): Introduction;
}

/** The routes of the running generation. */
export interface RouteTable {
  /** @param path of the request, without query; a trailing slash is forgiven */
  find(path: string): Route | undefined;
}

export const ROUTE_TABLE = Symbol('RouteTable');
