import { isRelayed, offers, type RelayedCapability } from '../bridge/index.js';
import { GatewayError } from '../core/errors.js';
import type { Exchange, Target } from '../core/exchange.js';
import type { Relay, Terminal } from '../core/filter.js';
import { result, type McpReply, type McpRequest } from '../core/message.js';
import { isKnownMethod, METHODS, subjectOf, type LogLevel } from '../protocol/index.js';
import type { Announcer } from './announcer/announcer.js';
import { ListRefused } from './catalog/drain.js';
import type { CatalogKind } from './catalog/list-kind.js';
import type { Member } from './catalog/member.js';
import type { Forwarder } from './forward/forwarder.js';
import type { Listens } from './listening/listens.js';
import type { LogLevels } from './log-levels.js';
import type { Showing } from './showing/showing.js';
import type { Showings } from './showing/showings.js';
import type { Subscriptions } from './subscriptions/subscriptions.js';
import { requireTasks } from './tasks/extension.js';
import { concernsTask } from './tasks/task-relay.js';

/** What the router does with what concerns more than one request. */
export interface RouterTools {
  readonly levels: LogLevels;
  readonly announcer: Pick<Announcer, 'answered'>;
  readonly subscriptions: Pick<Subscriptions, 'subscribe' | 'unsubscribe'>;
  readonly listens: Pick<Listens, 'open'>;
  readonly forwarder: Pick<Forwarder, 'forward'>;
}

/**
 * The end of the chain of one route: sends each request to the group it is aimed at, and answers for all of
 * them. What it reads of the params was checked where they came in.
 */
export class Router implements Terminal {
  constructor(
    private readonly name: string,
    private readonly showings: Showings,
    private readonly tools: RouterTools,
  ) {}

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
    if (isSpoken && request.method === 'subscriptions/listen') {
      return this.tools.listens.open(request, exchange, this.showings);
    }
    if (!method || !isSpoken || !isRelayed(method.capability)) throw unknownMethod();

    const { list } = method;
    if (method.reach === 'one') return this.forward(request, exchange, relay, method.capability);
    this.requireOffered(method.capability);
    if (list === 'tasks') return this.tasks(request, exchange);
    return list ? this.list(list, request, exchange) : this.setLevel(request, exchange);
  }

  private forward(
    request: McpRequest,
    exchange: Exchange,
    relay: Relay,
    capability: RelayedCapability,
  ): Promise<McpReply> {
    const { target } = exchange;
    const isOfExtension = exchange.peer.era === 'modern' && request.method.startsWith('tasks/');
    if (isOfExtension) requireTasks(exchange);
    const member = target && this.showings.of(exchange.stay).byName.get(target.group);
    if (!target || !member) {
      if (!isOfExtension) this.requireOffered(capability);
      throw unknownTarget(request);
    }

    const { group, prefix, holder } = member;
    if (capability === 'resources.subscribe') return this.subscription(request, exchange, target, member);
    const isBridged = group.era !== 'legacy' || exchange.peer.era === 'modern';
    if (concernsTask(request) && (!isBridged || request.method !== 'tools/call')) {
      return this.task(request.withName(target.name), exchange, relay, member);
    }
    if (isBridged) {
      const renamed = prefix === '' ? request : request.withName(target.name);
      return this.tools.forwarder.forward({ request: renamed, exchange, relay, member });
    }
    // Without a prefix the route has no names of its own, and on a shared session nothing is said of a task unasked.
    if (prefix === '') return group.send(request, exchange, holder ? member.relayTo(relay) : relay, holder);
    const reply = group.send(request.withName(target.name), exchange, member.relayTo(relay), holder);
    return reply.then((reply) => member.exposeReply(request.method, reply));
  }

  private async subscription(
    request: McpRequest,
    exchange: Exchange,
    target: Target,
    member: Member,
  ): Promise<McpReply> {
    if (!offers(member.group.peer, 'resources.subscribe')) throw unknownMethod();
    const { group, name: uri } = target;
    if (member.holder) member.holder.principal = exchange.principal;
    const { subscriptions } = this.tools;
    const interest = { route: this.name, group, uri, name: subjectOf(request) ?? uri, holder: member.holder };
    const reply =
      request.method === 'resources/unsubscribe'
        ? await subscriptions.unsubscribe(interest, exchange.stay)
        : await subscriptions.subscribe(interest, exchange);
    return member.exposeReply(request.method, reply);
  }

  private task(request: McpRequest, exchange: Exchange, relay: Relay, member: Member): Promise<McpReply> {
    const restored = member.restoreTask(request, exchange);
    const reply = member.group.send(restored, exchange, member.relayTo(relay), member.holder);
    return reply.then((reply) => member.exposeTask(request, reply, exchange));
  }

  private async tasks(request: McpRequest, exchange: Exchange): Promise<McpReply> {
    return this.showingFor(exchange).pages.tasks.answer(request, exchange);
  }

  private list(kind: CatalogKind, request: McpRequest, exchange: Exchange): Promise<McpReply> {
    const { stay } = exchange;
    const answer = this.showingFor(exchange).pages[kind].answer(request, exchange);
    const isBeginning = request.params?.spans.cursor === undefined;
    const told = (reply: McpReply): McpReply => {
      if (isBeginning) {
        const mark = this.showings.seen(stay).shown(kind);
        this.tools.announcer.answered({ route: this.name, kind, mark }, stay);
      }
      return reply;
    };
    return answer instanceof Promise ? answer.then(told, refusal) : Promise.resolve(told(answer));
  }

  /** Each session of its own is told what its holder wants; those that are shared, what anybody ever wanted. */
  private setLevel(request: McpRequest, exchange: Exchange): Promise<McpReply> {
    const level = request.object()['level'] as LogLevel;
    const { stay } = exchange;
    stay.logLevel = level;
    for (const { group, holder } of this.showings.of(stay).members) {
      if (!this.showings.reaches(exchange.principal, group.name)) continue;
      if (holder) group.setLogLevel(holder.logLevel ?? level, holder);
      else this.tools.levels.want(group, level);
    }
    return Promise.resolve(result({}));
  }

  /** What is asked of servers for this has no request behind it, but whoever asks for it has a credential of now. */
  private showingFor({ stay, principal }: Exchange): Showing {
    const showing = this.showings.seen(stay, principal);
    for (const { holder } of showing.members) if (holder) holder.principal = principal;
    return showing;
  }

  private requireOffered(capability: RelayedCapability): void {
    if (!this.showings.shared.members.some(({ group }) => offers(group.peer, capability))) throw unknownMethod();
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
    case 'resources/subscribe':
    case 'resources/unsubscribe':
      return new GatewayError('resource_not_found', 'Resource not found', { uri: subject });
    case 'completion/complete':
      return new GatewayError('target_unknown', `Unknown reference: ${shortened(subject)}`);
    default:
      return new GatewayError('target_unknown', 'Task not found');
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
