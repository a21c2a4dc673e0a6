import type { Introduction } from '../bridge/index.js';
import { GatewayError } from '../core/errors.js';
import type { Exchange, Target } from '../core/exchange.js';
import type { McpReply, McpRequest } from '../core/message.js';
import type { FilterChain } from '../pipeline/index.js';
import { aim } from './aim.js';
import type { Directory } from './catalog/directory.js';
import type { Route } from './route.js';
import type { Usage } from './usage.js';

/** What a route is made of. */
export interface RouteParts {
  readonly name: string;
  readonly path: string;
  readonly directory: Directory;
  readonly chain: FilterChain;
  readonly introduce: () => Introduction;
  readonly usage: Usage;
}

/** A route of one generation: finds out whom a request is for, then sends it down the chain. */
export class McpRoute implements Route {
  readonly name: string;
  readonly path: string;

  constructor(private readonly parts: RouteParts) {
    this.name = parts.name;
    this.path = parts.path;
  }

  handle(request: McpRequest, exchange: Exchange): Promise<McpReply> {
    const { usage } = this.parts;
    usage.enter();
    const reply = this.run(request, exchange);
    reply.then(usage.leave, usage.leave);
    return reply;
  }

  introduction(): Introduction {
    return this.parts.introduce();
  }

  private run(request: McpRequest, exchange: Exchange): Promise<McpReply> {
    try {
      const target = aim(request, this.parts.directory);
      if (target instanceof Promise) {
        return target.then((found) => this.send(request, exchange, found));
      }
      return this.send(request, exchange, target);
    } catch (thrown) {
      return Promise.reject(GatewayError.from(thrown));
    }
  }

  /** A target that was not found is for the router to refuse, so that the filters see the attempt. */
  private send(request: McpRequest, exchange: Exchange, target: Target | undefined): Promise<McpReply> {
    exchange.target = target;
    return this.parts.chain.run(request, exchange);
  }
}
