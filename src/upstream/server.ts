import type { Clock } from '../core/clock.js';
import { UnsentError, type GatewayError } from '../core/errors.js';
import type { Events } from '../core/events.js';
import type { ServerRef } from '../core/exchange.js';
import { McpRequest } from '../core/message.js';
import type { ServerPeer } from '../core/peer.js';
import type { ServerState } from '../core/server-state.js';
import type { ServerView } from '../core/views.js';
import { readParams } from '../protocol/index.js';
import { Breaker } from './breaker/breaker.js';
import type { Call } from './channel/call.js';
import type { LegacyChannel } from './channel/legacy-channel.js';
import { Connection, type ConnectionOwner } from './connection.js';
import { CRASH_LOOP_LOSSES } from './crash-loop.js';
import type { ListKind } from './group.js';
import { Prober, type Probed } from './probes/prober.js';
import { addressOf, type ServerSettings } from './server-settings.js';
import type { UpstreamTransport } from './upstream-transport.js';
import { reasonOf, speaksAgainstServer } from './upstream-failure.js';

/** How long a server that is away counts as coming back, and requests wait for it. */
const GRACE_MS = 5_000;
const DRAIN_CHECK_MS = 50;
/** A retired server stays for requests that were on their way to it when it was retired. */
const LINGER_MS = 250;
const SET_LEVEL_MS = 5_000;

const LISTS: readonly ListKind[] = ['tools', 'prompts', 'resources'];
const PING = new McpRequest('ping', undefined);

/** Who hears what happens to a server. Several groups may listen while one generation follows another. */
export interface ServerListener {
  /** Requests may be possible now that were not before, or no more. */
  serverChanged(server: UpstreamServer): void;
  listChanged(kind: ListKind): void;
}

export interface ServerParts {
  readonly settings: ServerSettings;
  /** The name under which configuration knows the transport. */
  readonly transportName: string;
  readonly transport: UpstreamTransport;
  readonly clock: Clock;
  readonly events: Events;
}

/**
 * One upstream server: connected in the background for ever, probed, and kept from requests by its
 * breaker while it keeps failing. It does nothing before `start`.
 */
export class UpstreamServer implements ConnectionOwner, Probed {
  readonly id: string;
  readonly ref: ServerRef;
  readonly breaker: Breaker;
  readonly transportName: string;
  private readonly settings: ServerSettings;
  private readonly clock: Clock;
  private readonly events: Events;
  private readonly connection: Connection;
  private readonly listeners = new Set<ServerListener>();
  private prober: Prober | undefined;
  private current: ServerState;
  private introduced: ServerPeer | undefined;
  private logLevel: string | undefined;
  private started = false;
  private epoch = 0;
  private requests = 0;
  private failures = 0;
  private reconnects = 0;

  constructor({ settings, transport, transportName, clock, events }: ServerParts) {
    this.settings = settings;
    this.clock = clock;
    this.events = events;
    this.id = settings.id;
    this.transportName = transportName;
    this.ref = { group: settings.group, server: settings.id };
    this.current = { kind: 'connecting', since: clock.now() };
    this.connection = new Connection(transport, { settings, clock, events }, this);
    this.breaker = new Breaker(settings.circuitBreaker, (state) => {
      events.emit('breaker.changed', { ...this.ref, state });
      this.tell();
    });
  }

  get state(): ServerState {
    return this.current;
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
    const { kind } = this.current;
    return (
      this.connection.channel !== undefined &&
      (kind === 'up' || kind === 'draining') &&
      this.breaker.offers(this.clock.now())
    );
  }

  watch(listener: ServerListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Connects, now and whenever the connection is lost. Does nothing the second time. */
  start(): void {
    if (this.started) return;
    this.started = true;
    this.become({ kind: 'connecting', since: this.clock.now() });
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
    this.requests++;
    this.breaker.begin();
    return this.epoch;
  }

  /** A request ended: with a reply, whatever it says, or with a failure of ours. */
  ended(epoch: number, error: GatewayError | undefined): void {
    if (error) this.failures++;
    // What happened on a connection that is gone says nothing about the one there is now.
    if (epoch !== this.epoch) return;
    if (!error) this.breaker.succeed();
    else if (speaksAgainstServer(error)) this.breaker.fail(this.clock.now());
    else this.breaker.forgo();
  }

  /** Tells the server the least severe level that anybody wants, now and whenever it is introduced anew. */
  setLogLevel(level: string): void {
    if (level === this.logLevel) return;
    this.logLevel = level;
    this.applyLogLevel();
  }

  /** Lets what is in flight finish for so many milliseconds at most, then closes. Announces `server.retired`. */
  async retire(drainMs: number): Promise<void> {
    if (this.current.kind === 'draining') return;
    this.become({ kind: 'draining', since: this.clock.now() });
    const began = this.clock.now();
    const mayStay = (): boolean => {
      const age = this.clock.now() - began;
      return age < drainMs && (this.pending > 0 || age < LINGER_MS);
    };
    while (this.started && mayStay()) {
      await new Promise<void>((resolve) => this.clock.after(DRAIN_CHECK_MS, resolve));
    }
    this.prober?.stop();
    await this.connection.stop();
    this.events.emit('server.retired', this.ref);
  }

  view(weight: number): ServerView {
    return {
      id: this.id,
      group: this.ref.group,
      transport: this.transportName,
      weight,
      address: addressOf(this.settings),
      state: this.current,
      breaker: this.breaker.state,
      peer: this.introduced,
      pending: this.pending,
      requests: this.requests,
      failures: this.failures,
      reconnects: this.reconnects,
    };
  }

  connected(channel: LegacyChannel): void {
    if (this.introduced) this.reconnects++;
    this.introduced = channel.peer;
    this.epoch++;
    this.breaker.reset();
    this.become({ kind: 'up', since: this.clock.now() });
    this.prober = new Prober(this.settings.healthCheck, this.clock, this);
    this.prober.start();
    this.applyLogLevel();
    for (const kind of LISTS) this.listChanged(kind);
  }

  lost(error: GatewayError, crashLoop: boolean): void {
    this.epoch++;
    this.prober?.stop();
    this.breaker.fail(this.clock.now());
    if (crashLoop) this.crashLoop(error);
    else this.become({ kind: 'connecting', since: this.clock.now() });
  }

  failed(error: GatewayError, crashLoop: boolean): void {
    this.breaker.fail(this.clock.now());
    const { kind, since } = this.current;
    if (kind === 'connecting' && this.clock.now() - since < GRACE_MS && !crashLoop) return;
    if (crashLoop) this.crashLoop(error);
    else this.down(reasonOf(error));
  }

  listChanged(kind: ListKind): void {
    for (const listener of this.listeners) listener.listChanged(kind);
  }

  async probe(deadline: number): Promise<boolean> {
    try {
      await this.connection.channel?.ask(PING, deadline);
      return this.connection.channel !== undefined;
    } catch {
      return false;
    }
  }

  probed(healthy: boolean, latencyMs: number): void {
    this.events.emit('probe.finished', { ...this.ref, healthy, latencyMs });
  }

  judged(healthy: boolean): void {
    if (this.current.kind === 'draining') return;
    if (healthy) this.become({ kind: 'up', since: this.clock.now() });
    else this.down('the server does not answer health checks');
  }

  private crashLoop(error: GatewayError): void {
    this.down(`crash loop: lost ${CRASH_LOOP_LOSSES} times within a minute, last: ${reasonOf(error)}`);
  }

  /** Since when does not change while it is down; only the reason may. */
  private down(reason: string): void {
    if (this.current.kind === 'down' && this.current.reason === reason) return;
    const since = this.current.kind === 'down' ? this.current.since : this.clock.now();
    this.become({ kind: 'down', since, reason });
  }

  private become(state: ServerState): void {
    // Whatever happens to a retired server, it stays retired.
    if (this.current.kind === 'draining') return;
    this.current = state;
    this.events.emit('server.changed', { ...this.ref, state });
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener.serverChanged(this);
  }

  private applyLogLevel(): void {
    const { channel } = this.connection;
    if (this.logLevel === undefined || channel?.peer.capabilities['logging'] === undefined) return;
    const params = readParams(Buffer.from(JSON.stringify({ level: this.logLevel })));
    const asked = channel.ask(new McpRequest('logging/setLevel', params), this.clock.now() + SET_LEVEL_MS);
    // A server that cannot keep its promise logs as it likes.
    asked.catch(() => undefined);
  }
}
