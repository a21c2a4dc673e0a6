import { isRelayed, offers, type RelayedCapability } from '../bridge/index.js';
import { GatewayError } from '../core/errors.js';
import type { Exchange } from '../core/exchange.js';
import type { Relay, Terminal } from '../core/filter.js';
import { result, type McpReply, type McpRequest } from '../core/message.js';
import { isKnownMethod, METHODS, subjectOf, type LogLevel } from '../protocol/index.js';
import { ListRefused } from './catalog/drain.js';
import type { CatalogKind } from './catalog/list-kind.js';
import type { Member } from './catalog/member.js';
import type { LogLevels } from './log-levels.js';

/** Answers the requests for one list of a route. */
export interface ListPages {
  /** @throws `protocol_invalid_params`, `upstream_unavailable`, `ListRefused` */
  answer(request: McpRequest, exchange: Exchange): McpReply | Promise<McpReply>;
}

/**
 * The end of the chain of one route: sends each request to the group it is aimed at, and answers for all of
 * them. What it reads of the params was checked where they came in.
 */
export class Router implements Terminal {
  private readonly byName: ReadonlyMap<string, Member>;

  constructor(
    private readonly members: readonly Member[],
    private readonly lists: Readonly<Record<CatalogKind, ListPages>>,
    private readonly levels: LogLevels,
  ) {
    this.byName = new Map(members.map((member) => [member.name, member]));
  }

  send(request: McpRequest, exchange: Exchange, relay: Relay): Promise<McpReply> {
    try {
      return this.dispatch(request, exchange, relay);
    } catch (thrown) {
      return Promise.reject(GatewayError.from(thrown));
    }
  }

  private dispatch(request: McpRequest, exchange: Exchange, relay: Relay): Promise<McpReply> {
    const method = METHODS.get(request.method);
    const isSpoken = isKnownMethod(request.method, exchange.peer.revision);
    if (!method || !isSpoken || !isRelayed(method.capability)) throw unknownMethod();

    if (method.reach === 'one') return this.forward(request, exchange, relay, method.capability);
    this.requireOffered(method.capability);
    return method.list ? this.list(method.list, request, exchange) : this.setLevel(request, exchange);
  }

  private forward(
    request: McpRequest,
    exchange: Exchange,
    relay: Relay,
    capability: RelayedCapability,
  ): Promise<McpReply> {
    const { target } = exchange;
    const member = target && this.byName.get(target.group);
    if (!target || !member) {
      this.requireOffered(capability);
      throw unknownTarget(request);
    }

    const { group, prefix } = member;
    // Without a prefix the route has no names of its own.
    if (prefix === '') return group.send(request, exchange, relay);
    const reply = group.send(request.withName(target.name), exchange, member.relayTo(relay));
    return reply.then((reply) => member.exposeReply(request.method, reply));
  }

  private list(kind: CatalogKind, request: McpRequest, exchange: Exchange): Promise<McpReply> {
    const answer = this.lists[kind].answer(request, exchange);
    return answer instanceof Promise ? answer.catch(refusal) : Promise.resolve(answer);
  }

  private setLevel(request: McpRequest, exchange: Exchange): Promise<McpReply> {
    const level = request.object()['level'] as LogLevel;
    exchange.stay.logLevel = level;
    for (const { group } of this.members) this.levels.want(group, level);
    return Promise.resolve(result({}));
  }

  private requireOffered(capability: RelayedCapability): void {
    if (!this.members.some(({ group }) => offers(group.peer, capability))) throw unknownMethod();
  }
}

/** Exactly the same for what does not exist and for what may not be seen. */
function unknownTarget(request: McpRequest): GatewayError {
  const subject = subjectOf(request) ?? '';
  switch (request.method) {
    case 'tools/call':
      return new GatewayError('target_unknown', `Unknown tool: ${shortened(subject)}`);
    case 'prompts/get':
      return new GatewayError('target_unknown', `Unknown prompt: ${shortened(subject)}`);
    case 'resources/read':
      return new GatewayError('resource_not_found', 'Resource not found', { uri: subject });
    default:
      return new GatewayError('target_unknown', `Unknown reference: ${shortened(subject)}`);
  }
}

function unknownMethod(): GatewayError {
  return new GatewayError('protocol_unknown_method', 'Method not found');
}

/** A list that a server refused is its answer, not a failure of ours. */
function refusal(thrown: unknown): McpReply {
  if (thrown instanceof ListRefused) return thrown.reply;
  throw GatewayError.from(thrown);
}

/** What a client sent is not echoed at any length. */
function shortened(text: string): string {
  return text.length <= 256 ? text : `${text.slice(0, 256)}…`;
}
