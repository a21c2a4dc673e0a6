import { UnsentError, type GatewayError } from '../../core/errors.js';
import type { ServerRef } from '../../core/exchange.js';
import type { ServerPeer } from '../../core/peer.js';
import type { ServerState } from '../../core/server-state.js';
import type { ServerView } from '../../core/views.js';
import type { Call } from '../channel/call.js';
import type { LegacyChannel } from '../channel/legacy-channel.js';
import { Connection, type ConnectionOwner } from '../connection.js';
import { crashLoopOf } from '../crash-loop.js';
import type { ListKind } from '../group.js';
import { addressOf } from '../server-settings.js';
import { reasonOf, wentAway } from '../upstream-failure.js';
import { Evidence } from './evidence.js';
import { Health, type HealthListener } from './health.js';
import { ServerLogLevel } from './log-level.js';
import { Retirement } from './retirement.js';
import type { ServerListener } from './server-listener.js';
import type { ServerParts } from './server-parts.js';
import { Standing } from './standing.js';

const LISTS: readonly ListKind[] = ['tools', 'prompts', 'resources'];

/**
 * One upstream server: connected in the background for ever, probed, and kept from requests by its
 * breaker while it keeps failing. It does nothing before `start`.
 */
export class UpstreamServer implements ConnectionOwner, HealthListener {
  readonly id: string;
  readonly ref: ServerRef;
  private readonly connection: Connection;
  private readonly standing: Standing;
  private readonly evidence: Evidence;
  private readonly health: Health;
  private readonly logLevel: ServerLogLevel;
  private readonly listeners = new Set<ServerListener>();
  private introduced: ServerPeer | undefined;
  private retirement: Retirement | undefined;
  private started = false;
  private reconnects = 0;

  constructor(private readonly parts: ServerParts) {
    const { settings, transport, clock, events } = parts;
    this.id = settings.id;
    this.ref = { group: settings.group, server: settings.id };
    this.connection = new Connection(transport, { settings, clock, events }, this);
    this.standing = new Standing(clock, (state) => {
      events.emit('server.changed', { ...this.ref, state });
      this.tell();
    });
    this.evidence = new Evidence(settings.circuitBreaker, clock, (state) => {
      events.emit('breaker.changed', { ...this.ref, state });
      this.tell();
    });
    this.health = new Health(settings.healthCheck, clock, this);
    this.logLevel = new ServerLogLevel(clock);
  }

  get state(): ServerState {
    return this.standing.state;
  }

  /** As it introduced itself last; kept while it is away. */
  get peer(): ServerPeer | undefined {
    return this.introduced;
  }

  /** Requests sent and not yet answered. */
  get pending(): number {
    return this.connection.pending;
  }

  /** Whether a request may be sent now. A retired server still takes what is already on its way to it. */
  get takesRequests(): boolean {
    const { kind } = this.standing.state;
    return (kind === 'up' || kind === 'draining') && this.connection.channel !== undefined && this.evidence.allows;
  }

  watch(listener: ServerListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Connects, now and whenever the connection is lost. Does nothing the second time. */
  start(): void {
    if (this.started) return;
    this.started = true;
    this.standing.connecting();
    this.connection.start();
  }

  /** Sends one request; the call hears whatever happens, perhaps before this returns. */
  send(call: Call): void {
    const { channel } = this.connection;
    if (channel) channel.send(call);
    else call.failed(new UnsentError('upstream_unavailable', 'the server is not connected'));
  }

  /** A request is about to be sent. Returns what `ended` wants to know. */
  began(): number {
    return this.evidence.began();
  }

  /** A request ended: with a reply, whatever it says, or with a failure of ours. */
  ended(epoch: number, error: GatewayError | undefined): void {
    const counts = this.evidence.ended(epoch, error);
    if (counts && error && wentAway(error)) this.health.doubt();
  }

  /** Tells the server the least severe level that anybody wants, now and whenever it is introduced anew. */
  setLogLevel(level: string): void {
    this.logLevel.want(level, this.connection.channel);
  }

  /**
   * Lets what is in flight finish for so many milliseconds at most, then closes. Asked again, it has no more
   * time than the shorter of the two.
   */
  retire(drainMs: number): Promise<void> {
    this.retirement ??= this.beginToRetire();
    return this.retirement.within(this.started ? drainMs : 0);
  }

  view(weight: number): ServerView {
    return {
      id: this.id,
      group: this.ref.group,
      transport: this.parts.transportName,
      weight,
      address: addressOf(this.parts.settings),
      state: this.state,
      breaker: this.evidence.state,
      peer: this.introduced,
      pending: this.pending,
      requests: this.evidence.requests,
      failures: this.evidence.failures,
      reconnects: this.reconnects,
    };
  }

  connected(channel: LegacyChannel): void {
    if (this.introduced) this.reconnects++;
    this.introduced = channel.peer;
    this.evidence.connected();
    this.standing.up();
    this.health.connected(channel);
    this.logLevel.tell(channel);
    for (const kind of LISTS) this.listChanged(kind);
  }

  lost(error: GatewayError, crashLoop: boolean): void {
    this.health.stop();
    this.evidence.lost();
    if (crashLoop) this.standing.down(crashLoopOf(reasonOf(error)));
    else this.standing.connecting();
  }

  failed(error: GatewayError, crashLoop: boolean): void {
    this.evidence.missed();
    if (crashLoop) this.standing.down(crashLoopOf(reasonOf(error)));
    else this.standing.missed(reasonOf(error));
  }

  listChanged(kind: ListKind): void {
    for (const listener of this.listeners) listener.listChanged(kind);
  }

  probed(healthy: boolean, latencyMs: number): void {
    this.parts.events.emit('probe.finished', { ...this.ref, healthy, latencyMs });
  }

  judged(healthy: boolean): void {
    if (healthy) this.standing.up();
    else this.standing.down('the server does not answer health checks');
  }

  private beginToRetire(): Retirement {
    if (this.started) this.standing.draining();
    this.connection.finish();
    return new Retirement(
      this.parts.clock,
      () => this.pending,
      () => {
        this.health.stop();
        return this.connection.stop();
      },
    );
  }

  private tell(): void {
    for (const listener of this.listeners) listener.serverChanged(this.introduced);
  }
}
