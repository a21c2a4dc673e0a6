import type { BalancingStrategy } from '../balancer/index.js';
import type { Clock } from '../core/clock.js';
import type { GatewayError } from '../core/errors.js';
import type { Events } from '../core/events.js';
import type { Exchange } from '../core/exchange.js';
import type { Relay } from '../core/filter.js';
import type { McpReply, McpRequest } from '../core/message.js';
import type { ServerPeer } from '../core/peer.js';
import type { GroupView } from '../core/views.js';
import { METHODS } from '../protocol/index.js';
import { GroupCall, type CallHost } from './group-call.js';
import type { GroupMember } from './group-member.js';
import type { Answer, Group, ListKind, Question } from './group.js';
import { RetryBudget } from './retry-budget.js';
import type { ServerListener } from './server/server-listener.js';
import { nobodyCame, WaitingRoom } from './waiting-room.js';

const OK = 200;

export interface GroupParts {
  readonly name: string;
  readonly prefix: string;
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
  readonly members: readonly GroupMember[];
  readonly attemptTimeout: number;
  private readonly waiting: WaitingRoom;
  private readonly unwatch: (() => void)[];
  private readonly listListeners = new Set<(kind: ListKind) => void>();
  private readonly introductions = new Set<() => void>();
  private readonly retries = new RetryBudget();
  private latest: ServerPeer | undefined;

  constructor(private readonly parts: GroupParts) {
    this.name = parts.name;
    this.prefix = parts.prefix;
    this.members = parts.members;
    this.attemptTimeout = parts.attemptTimeout;
    this.waiting = new WaitingRoom(parts.clock);
    this.latest = this.members.find(({ server }) => server.peer)?.server.peer;
    this.unwatch = this.members.map(({ server }) => server.watch(this));
  }

  get peer(): ServerPeer | undefined {
    return this.latest;
  }

  get now(): number {
    return this.parts.clock.now();
  }

  get replicas(): number {
    return this.members.length;
  }

  whenIntroduced(deadline: number): Promise<void> {
    const wait = deadline - this.now;
    if (this.latest || wait <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel();
        this.introductions.delete(done);
        resolve();
      };
      const timer = this.parts.clock.after(wait, done);
      this.introductions.add(done);
    });
  }

  send(request: McpRequest, exchange: Exchange, relay: Relay): Promise<McpReply> {
    this.retries.earn();
    return new GroupCall(this, request, { deadline: exchange.deadline, exchange, relay }).run();
  }

  async ask(request: McpRequest, question: Question): Promise<Answer> {
    this.retries.earn();
    const call = new GroupCall(this, request, question);
    const reply = await call.run();
    return { reply, server: call.member?.id ?? '' };
  }

  setLogLevel(level: string): void {
    for (const { server } of this.members) server.setLogLevel(level);
  }

  onListChanged(listener: (kind: ListKind) => void): () => void {
    this.listListeners.add(listener);
    return () => this.listListeners.delete(listener);
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
    this.listListeners.clear();
  }

  serverChanged(peer: ServerPeer | undefined): void {
    if (peer && peer !== this.latest) {
      this.latest = peer;
      for (const done of this.introductions) done();
    }
    if (!this.waiting.isEmpty && (this.isAnybodyHere() || !this.isAnybodyExpected())) this.waiting.empty();
  }

  listChanged(kind: ListKind): void {
    for (const listener of this.listListeners) listener(kind);
  }

  choose(call: GroupCall): GroupMember | undefined {
    const offered = this.members.filter(({ server, weight }) => weight > 0 && server.takesRequests);
    const untried = call.hasTried ? offered.filter((member) => !call.tried(member)) : offered;
    const others = untried.length > 0 ? untried : offered;
    const [first, ...rest] = others;
    if (!first) {
      if (this.isAnybodyExpected()) return undefined;
      throw nobodyCame();
    }
    const preferred = call.preferred === undefined ? undefined : others.find(({ id }) => id === call.preferred);
    return preferred ?? this.parts.strategy.pick([first, ...rest], call.exchange, call.request);
  }

  park(call: GroupCall): void {
    this.waiting.enter(call);
  }

  unpark(call: GroupCall): void {
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

  private isAnybodyHere(): boolean {
    return this.members.some(({ server, weight }) => weight > 0 && server.takesRequests);
  }

  private isAnybodyExpected(): boolean {
    return this.members.some(({ server, weight }) => weight > 0 && server.state.kind === 'connecting');
  }
}
