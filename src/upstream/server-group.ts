import type { BalancingStrategy } from '../balancer/index.js';
import type { Clock } from '../core/clock.js';
import type { GatewayError } from '../core/errors.js';
import type { Events } from '../core/events.js';
import type { Exchange } from '../core/exchange.js';
import type { Relay } from '../core/filter.js';
import type { McpReply, McpRequest, Params } from '../core/message.js';
import type { ServerPeer } from '../core/peer.js';
import type { GroupView } from '../core/views.js';
import { METHODS } from '../protocol/index.js';
import type { CallHost, Seeker } from './call-host.js';
import { GroupCall } from './group-call.js';
import type { GroupMember } from './group-member.js';
import type { Answer, Group, GroupEra, GroupListener, Isolation, Question } from './group.js';
import { Introductions } from './introductions.js';
import type { ListKind } from './list-kind.js';
import type { Holder } from './holder.js';
import { RetryBudget } from './retry-budget.js';
import { ServerChoice } from './server-choice.js';
import type { ServerListener } from './server/server-listener.js';
import { WaitingRoom } from './waiting-room.js';

const OK = 200;

export interface GroupParts {
  readonly name: string;
  readonly prefix: string;
  readonly isolation: Isolation;
  readonly tellsCallersApart?: boolean;
  readonly strategyName: string;
  readonly strategy: BalancingStrategy;
  readonly members: readonly GroupMember[];
  /** How long one attempt on one server may take, in milliseconds. */
  readonly attemptTimeout: number;
  readonly clock: Clock;
  readonly events: Events;
}

/** The servers of one group in one generation. */
export class ServerGroup implements Group, CallHost, ServerListener {
  readonly name: string;
  readonly prefix: string;
  readonly isolation: Isolation;
  readonly tellsCallersApart: boolean;
  readonly members: readonly GroupMember[];
  readonly attemptTimeout: number;
  private readonly choice: ServerChoice;
  private readonly waiting: WaitingRoom;
  private readonly unwatch: (() => void)[];
  private readonly listeners = new Set<GroupListener>();
  private readonly introductions: Introductions;
  private readonly retries = new RetryBudget();
  private latest: ServerPeer | undefined;

  constructor(private readonly parts: GroupParts) {
    this.name = parts.name;
    this.prefix = parts.prefix;
    this.isolation = parts.isolation;
    this.tellsCallersApart = parts.tellsCallersApart ?? false;
    this.members = parts.members;
    this.attemptTimeout = parts.attemptTimeout;
    this.choice = new ServerChoice(parts.members, parts.strategy);
    this.waiting = new WaitingRoom(parts.clock);
    this.introductions = new Introductions(parts.clock);
    this.latest = this.members.find(({ server }) => server.peer)?.server.peer;
    this.unwatch = this.members.map(({ server }) => server.watch(this));
  }

  get peer(): ServerPeer | undefined {
    return this.latest;
  }

  get era(): GroupEra | undefined {
    let found: GroupEra | undefined;
    for (const { server } of this.members) {
      const era = server.peer?.era;
      if (found === undefined) found = era;
      else if (era !== undefined && era !== found) return 'mixed';
    }
    return found;
  }

  get knowsOrigin(): boolean {
    return this.latest !== undefined && this.members.every(({ server }) => !server.peer || server.knowsOrigin);
  }

  get keepsSessions(): boolean {
    return this.members.some(({ server }) => server.keepsSessions);
  }

  get now(): number {
    return this.parts.clock.turn();
  }

  get replicas(): number {
    return this.members.length;
  }

  whenIntroduced(deadline: number): Promise<void> {
    return this.latest ? Promise.resolve() : this.introductions.next(deadline);
  }

  send(request: McpRequest, exchange: Exchange, relay: Relay, holder?: Holder): Promise<McpReply> {
    this.retries.earn();
    return new GroupCall(this, request, { exchange, relay, holder }).run();
  }

  async ask(request: McpRequest, question: Question): Promise<Answer> {
    this.retries.earn();
    const call = new GroupCall(this, request, question);
    const reply = await call.run();
    return { reply, server: call.member?.id ?? '', isOwn: call.member?.server.separates(question.holder) ?? false };
  }

  setLogLevel(level: string, holder?: Holder): void {
    for (const { server } of this.members) {
      if (holder) server.sessions.setLogLevel(level, holder);
      else server.setLogLevel(level);
    }
  }

  notify(method: string, params: Buffer | undefined, holder: Holder): void {
    for (const { server } of this.members) server.sessions.notify(method, params, holder);
  }

  listen(listener: GroupListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  view(): GroupView {
    return {
      name: this.name,
      strategy: this.parts.strategyName,
      prefix: this.prefix,
      path: `/mcp/${this.name}`,
      servers: this.members.map(({ server, weight }) => server.view(weight)),
    };
  }

  /** Hears of its servers no more. Calls that began here may still finish. */
  leave(): void {
    for (const stop of this.unwatch) stop();
    this.listeners.clear();
  }

  serverChanged(peer: ServerPeer | undefined): void {
    if (peer && peer !== this.latest) {
      this.latest = peer;
      this.introductions.happened();
    }
    if (!this.waiting.isEmpty && this.choice.isSettled) this.waiting.empty();
  }

  listChanged(kind: ListKind): void {
    for (const listener of this.listeners) listener.listChanged?.(kind);
  }

  serverIntroduced(server: string): void {
    for (const listener of this.listeners) listener.serverIntroduced?.(server);
  }

  serverLost(server: string): void {
    for (const listener of this.listeners) listener.serverLost?.(server);
  }

  resourceUpdated(params: Params, server: string): void {
    for (const listener of this.listeners) listener.resourceUpdated?.(params, server);
  }

  choose(call: Seeker): GroupMember | undefined {
    return this.choice.choose(call);
  }

  park(call: Seeker): void {
    this.waiting.enter(call);
  }

  unpark(call: Seeker): void {
    this.waiting.leave(call);
  }

  isRepeatable(method: string): boolean {
    return METHODS.get(method)?.retry === 'always';
  }

  affordsRepetition(): boolean {
    return this.retries.spend(this.now);
  }

  attempted({ server }: GroupMember, error: GatewayError | undefined, latencyMs: number): void {
    const { group, server: id } = server.ref;
    this.parts.events.emit('attempt.finished', { group, server: id, status: error?.traits.status ?? OK, latencyMs });
  }
}
