import { GatewayError } from '../../core/errors.js';
import type { ServerRef } from '../../core/exchange.js';
import type { ServerPeer } from '../../core/peer.js';
import type { ServerState } from '../../core/server-state.js';
import type { ServerView } from '../../core/views.js';
import type { Call } from '../channel/call.js';
import type { Holder } from '../holder.js';
import type { Children } from '../own/children.js';
import { OwnSessions } from '../own/own-sessions.js';
import { addressOf, tellsCallersApart } from '../server-settings.js';
import { wentAway } from '../upstream-failure.js';
import { Retirement } from './retirement.js';
import type { ServerListener } from './server-listener.js';
import { ServerListeners } from './server-listeners.js';
import type { ServerParts } from './server-parts.js';
import { SharedSession } from './shared-session.js';

/**
 * One upstream server: connected in the background for ever, probed, and kept from requests by its
 * breaker while it keeps failing. Beside the session that everybody shares it has the own sessions of holders.
 * It does nothing before `start`.
 */
export class UpstreamServer {
  readonly id: string;
  readonly ref: ServerRef;
  /** The upstream sessions that single holders have for themselves. */
  readonly sessions: OwnSessions;
  private readonly shared: SharedSession;
  private readonly listeners = new ServerListeners();
  private retirement: Retirement | undefined;
  private readonly isApart: boolean;
  private started = false;
  private inFlight = 0;

  constructor(private readonly parts: ServerParts) {
    const { settings, transport, clock, events, credentials } = parts;
    this.id = settings.id;
    this.isApart = tellsCallersApart(settings);
    this.ref = { group: settings.group, server: settings.id };
    this.shared = new SharedSession(parts, this.ref, this.listeners);
    const context = { settings, clock, events, credentials };
    this.sessions = new OwnSessions(this.ref, { transport, context, children: this.children });
  }

  get state(): ServerState {
    return this.shared.standing.state;
  }

  /** As it introduced itself last; kept while it is away. */
  get peer(): ServerPeer | undefined {
    return this.shared.peer;
  }

  /** Requests sent and not yet answered, on whatever session. */
  get pending(): number {
    return this.inFlight;
  }

  /** Whether it hands out session ids, as far as is known. */
  get keepsSessions(): boolean {
    return this.shared.keepsSessions;
  }

  /** Whether it is reached in a way that tells on behalf of which request it speaks, as far as is known. */
  get knowsOrigin(): boolean {
    return this.shared.knowsOrigin;
  }

  /** Whether a request may be sent now. A retired server still takes what is already on its way to it. */
  get takesRequests(): boolean {
    const { kind } = this.state;
    return (kind === 'up' || kind === 'draining') && this.shared.isOpen && this.shared.evidence.allows;
  }

  /** As `takesRequests`. An open session of the holder is good while the shared connection is on its way back. */
  takesRequestsOf(holder: Holder): boolean {
    if (this.takesRequests) return true;
    return this.state.kind === 'connecting' && this.sessions.isOpen(holder) && this.shared.evidence.allows;
  }

  watch(listener: ServerListener): () => void {
    return this.listeners.add(listener);
  }

  /** Connects, now and whenever the connection is lost. Does nothing the second time. */
  start(): void {
    if (this.started) return;
    this.started = true;
    this.children?.startShared(this.parts.settings.maxChildren);
    this.shared.start();
  }

  /**
   * Sends one request; the call hears whatever happens, perhaps before this returns.
   *
   * @param holder on whose own session, where the server has sessions; left out: on the one that everybody shares
   */
  send(call: Call, holder?: Holder): void {
    if (holder && this.separates(holder)) this.sessions.send(call, holder);
    else if (this.isApart && this.mixesUp(call)) call.failed(nobodyElse());
    else this.shared.send(call);
  }

  /** Whether the holder has a session of its own here: modern servers have no sessions. */
  separates(holder: Holder | undefined): boolean {
    return holder !== undefined && this.peer?.era !== 'modern';
  }

  /** A request is about to be sent. Returns what `ended` wants to know. */
  began(): number {
    this.inFlight++;
    return this.shared.evidence.began();
  }

  /** A request ended: with a reply, whatever it says, or with a failure of ours. */
  ended(epoch: number, error: GatewayError | undefined): void {
    this.inFlight--;
    const counts = this.shared.evidence.ended(epoch, error);
    if (counts && error && wentAway(error)) this.shared.doubt();
  }

  /** Tells the server the least severe level that anybody wants, now and whenever it is introduced anew. */
  setLogLevel(level: string): void {
    this.shared.setLogLevel(level);
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
    const { evidence, peer, reconnects } = this.shared;
    return {
      id: this.id,
      group: this.ref.group,
      transport: this.parts.transportName,
      weight,
      address: addressOf(this.parts.settings),
      state: this.state,
      breaker: evidence.state,
      peer,
      pending: this.pending,
      sessions: this.sessions.size,
      requests: evidence.requests,
      failures: evidence.failures,
      reconnects,
    };
  }

  /**
   * What the shared session of a server that is shown who asks must not carry: sessions are the gateway's own there,
   * and a modern server is subscribed to by one listen for everybody.
   */
  private mixesUp({ behalf, request }: Call): boolean {
    if (!behalf) return false;
    return this.peer?.era !== 'modern' || request.method === 'resources/subscribe';
  }

  private beginToRetire(): Retirement {
    if (this.started) this.shared.standing.draining();
    this.shared.finish();
    return new Retirement(
      this.parts.clock,
      () => this.pending,
      () => this.close(),
    );
  }

  private async close(): Promise<void> {
    const stopped = this.shared.stop();
    if (this.started) this.children?.ended(stopped);
    await Promise.all([stopped, this.sessions.close()]);
  }

  /** Where its sessions are child processes. */
  private get children(): Children | undefined {
    return this.parts.settings.command === undefined ? undefined : this.parts.children;
  }
}

function nobodyElse(): GatewayError {
  return new GatewayError('access_denied', 'the server is told who asks, and this it would be asked for everybody');
}
