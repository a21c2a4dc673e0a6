import type { ThingKind } from '../../core/access.js';
import { GatewayError } from '../../core/errors.js';
import { Events, type DenialCause } from '../../core/events.js';
import type { Exchange, Target } from '../../core/exchange.js';
import type { Filter, Next } from '../../core/filter.js';
import type { McpReply, McpRequest } from '../../core/message.js';
import { PipelineFilter } from '../../pipeline/index.js';
import { insufficientScope } from '../oauth/insufficient-scope.js';
import { calledArguments } from './called-arguments.js';
import { checkSpelling } from './spelling.js';
import { Policies } from './policies.js';
import type { Thing } from './rule-evaluator.js';
import type { View } from './view.js';

/**
 * Keeps principals from what no rule allows them. What is hidden is taken off the exchange, so that the router answers
 * as it does for what does not exist, and nobody else on the way knows of it.
 */
@PipelineFilter({ name: 'policy', phase: 'authorize', always: true })
export class PolicyFilter implements Filter {
  constructor(
    private readonly policies: Policies,
    private readonly events: Events,
  ) {}

  get idle(): boolean {
    return this.policies.rules.idle;
  }

  handle(request: McpRequest, exchange: Exchange, next: Next): Promise<McpReply> {
    const { target, principal, route } = exchange;
    if (!target) return passed(request, exchange, next);
    const view = this.policies.rules.viewOf(principal, route);
    const kind = kindOf(request, target);
    if (!kind) {
      // A task is that of whoever was allowed to make it, for as long as anything of its group is.
      if (!view.reaches(target.group)) this.hide(exchange);
      return passed(request, exchange, next);
    }
    if (target.learn && view.wantsDefinition({ kind, target })) return this.learned(request, exchange, next);
    try {
      checkSpelling(request);
      if (!view.frees(kind, target)) this.judge(request, exchange, { kind, target }, view);
    } catch (thrown) {
      if (view.shows(kind, target)) return Promise.reject(GatewayError.from(thrown));
      // However it is asked for: what does not exist is not looked at so closely.
      this.hide(exchange);
    }
    return passed(request, exchange, next);
  }

  /** As `handle`, once it is known what the server says of the thing. */
  private async learned(request: McpRequest, exchange: Exchange, next: Next): Promise<McpReply> {
    const { target } = exchange;
    const definition = await target?.learn?.();
    if (target) exchange.target = { group: target.group, name: target.name, server: target.server, definition };
    return this.handle(request, exchange, next);
  }

  private judge(request: McpRequest, exchange: Exchange, { kind, target }: Thing, view: View): void {
    const { principal, route, clientAddress } = exchange;
    const { method } = request;
    const readArguments = () => calledArguments(request);
    const verdict = view.judge({ kind, target }, { principal, route, method, clientAddress, readArguments });
    switch (verdict.kind) {
      case 'allowed':
        return;
      case 'hidden':
        return this.hide(exchange);
      case 'denied':
        this.told(exchange, 'condition');
        throw new GatewayError('access_denied', 'this is not allowed with these arguments or from here');
      case 'scope':
        this.told(exchange, 'scope');
        throw insufficientScope(exchange.route, verdict.scopes);
    }
  }

  private hide(exchange: Exchange): void {
    this.told(exchange, 'hidden');
    exchange.target = undefined;
  }

  private told(exchange: Exchange, why: DenialCause): void {
    this.events.emit('access.denied', { exchange, why });
  }
}

function passed(request: McpRequest, exchange: Exchange, next: Next): Promise<McpReply> {
  return exchange.peer.era === 'modern' ? next(request, exchange).then(confined) : next(request, exchange);
}

/** What kind of thing a request is aimed at. Undefined for tasks. */
function kindOf(request: McpRequest, { name }: Target): ThingKind | undefined {
  switch (request.method) {
    case 'tools/call':
      return 'tools';
    case 'prompts/get':
      return 'prompts';
    case 'resources/read':
    case 'resources/subscribe':
    case 'resources/unsubscribe':
      return 'resources';
    case 'completion/complete':
      if (isOfPrompt(request)) return 'prompts';
      return name.includes('{') ? 'templates' : 'resources';
    default:
      return undefined;
  }
}

function isOfPrompt(request: McpRequest): boolean {
  const { ref } = request.object();
  return typeof ref === 'object' && ref !== null && !Array.isArray(ref) && ref['type'] === 'ref/prompt';
}

/** Where not everybody may see everything, no reply is for everybody. */
function confined(reply: McpReply): McpReply {
  if (reply.kind === 'error' || reply.freshness?.scope !== 'public') return reply;
  return { ...reply, freshness: { ...reply.freshness, scope: 'private' } };
}
