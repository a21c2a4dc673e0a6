import type { Introduction } from '../bridge/index.js';
import { GatewayError } from '../core/errors.js';
import type { Exchange, Stay, Target } from '../core/exchange.js';
import type { Principal } from '../core/principal.js';
import type { McpReply, McpRequest, Params } from '../core/message.js';
import type { FilterChain } from '../pipeline/index.js';
import { aim } from './aim.js';
import type { Route } from './route.js';
import type { Showings } from './showing/showings.js';
import type { TaskIds } from './tasks/task-ids.js';
import type { Usage } from './usage.js';

/** @param reaches whether anything of a group may be shown, by its name */
export type Introduce = (reaches: (group: string) => boolean) => Introduction;

/** What a route is made of. */
export interface RouteParts {
  readonly name: string;
  readonly path: string;
  readonly showings: Showings;
  readonly chain: FilterChain;
  readonly tasks: TaskIds;
  readonly introduce: Introduce;
  readonly usage: Usage;
}

/** A route of one generation: finds out whom a request is for, then sends it down the chain. */
export class McpRoute implements Route {
  readonly name: string;
  readonly path: string;
  readonly showings: Showings;

  constructor(private readonly parts: RouteParts) {
    this.name = parts.name;
    this.path = parts.path;
    this.showings = parts.showings;
  }

  handle(request: McpRequest, exchange: Exchange): Promise<McpReply> {
    // Whoever listens goes on listening in the next generation: nothing here waits for its end.
    if (request.method === 'subscriptions/listen') return this.run(request, exchange);
    this.parts.usage.enter();
    return this.run(request, exchange).then(this.replied, this.failed);
  }

  /** On a session that is shared, nobody's roots are anybody's: only own sessions are told that they changed. */
  notify(method: string, params: Params | undefined, stay: Stay): void {
    if (method !== 'notifications/roots/list_changed') return;
    for (const { group, holder } of this.showings.of(stay).members) {
      if (holder) group.notify(method, params?.bytes, holder);
    }
  }

  keepsFor(stay: Stay): boolean {
    return this.showings.areOwn(stay);
  }

  introduction(principal: Principal): Introduction {
    return this.parts.introduce((group) => this.showings.reaches(principal, group));
  }

  /** Bound, as `failed`, so that no function is made for a message. */
  private readonly replied = (reply: McpReply): McpReply => {
    this.parts.usage.leave();
    return reply;
  };

  private readonly failed = (thrown: unknown): never => {
    this.parts.usage.leave();
    throw thrown;
  };

  private run(request: McpRequest, exchange: Exchange): Promise<McpReply> {
    try {
      const target = aim(request, this.showings.of(exchange.stay).directory, this.parts.tasks, exchange);
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
