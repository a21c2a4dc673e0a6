import { UnsentError, type GatewayError } from '../../core/errors.js';
import type { ServerRef } from '../../core/exchange.js';
import type { Params } from '../../core/message.js';
import type { ServerPeer } from '../../core/peer.js';
import type { Call } from '../channel/call.js';
import type { Channel } from '../channel/channel.js';
import { Connection, type ConnectionOwner } from '../connection.js';
import { crashLoopOf } from '../crash-loop.js';
import type { ListKind } from '../list-kind.js';
import { reasonOf } from '../upstream-failure.js';
import { EraFinder } from './era-finder.js';
import { EraWatch } from './era-watch.js';
import { Evidence } from './evidence.js';
import { Health, type HealthListener } from './health.js';
import { ServerLogLevel } from './log-level.js';
import type { ServerListeners } from './server-listeners.js';
import type { ServerParts } from './server-parts.js';
import { Standing } from './standing.js';

const LISTS: readonly ListKind[] = ['tools', 'prompts', 'resources'];

/**
 * The session with one server that everybody shares, kept open for ever, and what is known of the server by it:
 * how it introduced itself, whether it is up, and what its probes and its breaker say.
 */
export class SharedSession implements ConnectionOwner, HealthListener {
  readonly standing: Standing;
  readonly evidence: Evidence;
  /** As the server introduced itself last; kept while it is away. */
  peer: ServerPeer | undefined;
  /** Whether the server hands out session ids, as far as is known. */
  keepsSessions = false;
  /** Whether the server is reached in a way that tells on behalf of which request it speaks, as far as is known. */
  knowsOrigin = false;
  /** Times the server was reached again after it had been lost. */
  reconnects = 0;
  private readonly connection: Connection;
  private readonly eras: EraWatch;
  private readonly health: Health;
  private readonly logLevel: ServerLogLevel;

  constructor(
    private readonly parts: ServerParts,
    private readonly ref: ServerRef,
    private readonly listeners: ServerListeners,
  ) {
    const { settings, transport, clock, events, credentials } = parts;
    const context = { settings, clock, events, credentials };
    const finder = new EraFinder(transport, context);
    this.connection = new Connection(finder, context, this);
    this.eras = new EraWatch(clock, finder, this.connection);
    this.standing = new Standing(clock, (state) => {
      events.emit('server.changed', { ...ref, state });
      listeners.serverChanged(this.peer);
    });
    this.evidence = new Evidence(settings.circuitBreaker, clock, (state) => {
      events.emit('breaker.changed', { ...ref, state });
      listeners.serverChanged(this.peer);
    });
    this.health = new Health(settings.healthCheck, clock, this);
    this.logLevel = new ServerLogLevel(clock);
  }

  get isOpen(): boolean {
    return this.connection.channel !== undefined;
  }

  /** Connects, now and whenever the connection is lost. */
  start(): void {
    this.standing.connecting();
    this.connection.start();
  }

  /** Never throws: whatever happens, the call hears of it. */
  send(call: Call): void {
    const { channel } = this.connection;
    if (channel) channel.send(call);
    else call.failed(new UnsentError('upstream_unavailable', 'the server is not connected'));
  }

  setLogLevel(level: string): void {
    this.logLevel.want(level, this.connection.channel);
  }

  /** Something went wrong that may mean that the server is gone. */
  doubt(): void {
    this.health.doubt();
  }

  /** Is not opened any more when it is lost. */
  finish(): void {
    this.connection.finish();
  }

  /** Settles when nothing is left of it. */
  stop(): Promise<void> {
    this.health.stop();
    this.eras.stop();
    return this.connection.stop();
  }

  connected(channel: Channel): void {
    if (this.peer) this.reconnects++;
    this.peer = channel.peer;
    this.keepsSessions = channel.hasSession;
    this.knowsOrigin = channel.knowsOrigin;
    this.evidence.connected();
    this.standing.up();
    this.eras.connected();
    this.health.connected(channel);
    this.logLevel.tell(channel);
    const { era, revision } = channel.peer;
    this.parts.events.emit('server.introduced', { ...this.ref, era, revision });
    this.listeners.serverIntroduced(this.ref.server);
    for (const kind of LISTS) this.listChanged(kind);
  }

  lost(error: GatewayError, crashLoop: boolean): void {
    this.health.stop();
    this.eras.stop();
    this.evidence.lost();
    if (crashLoop) this.standing.down(crashLoopOf(reasonOf(error)));
    else this.standing.connecting();
    this.listeners.serverLost(this.ref.server);
  }

  failed(error: GatewayError, crashLoop: boolean): void {
    this.evidence.missed();
    if (crashLoop) this.standing.down(crashLoopOf(reasonOf(error)));
    else this.standing.missed(reasonOf(error));
  }

  listChanged(kind: ListKind): void {
    this.listeners.listChanged(kind);
  }

  resourceUpdated(params: Params): void {
    this.listeners.resourceUpdated(params, this.ref.server);
  }

  probed(healthy: boolean, latencyMs: number): void {
    this.parts.events.emit('probe.finished', { ...this.ref, healthy, latencyMs });
  }

  judged(healthy: boolean): void {
    if (healthy) this.standing.up();
    else this.standing.down('the server does not answer health checks');
    if (!healthy) this.eras.doubt();
  }
}
