import type { Timer } from '../core/clock.js';
import { GatewayError } from '../core/errors.js';
import type { Params } from '../core/message.js';
import { Backoff } from './backoff.js';
import type { ChannelOwner } from './channel/channel-owner.js';
import type { Channel } from './channel/channel.js';
import type { Opening } from './channel/open-channel.js';
import { CrashLoop } from './crash-loop.js';
import type { ListKind } from './list-kind.js';
import type { EraFinder } from './server/era-finder.js';
import { RevisionLostError, SessionLostError } from './session-lost.js';
import { wentAway } from './upstream-failure.js';
import type { ServerContext } from './wire.js';

/** How long it must be since a lost session was opened anew at once for the next one to be as well. */
const RENEWAL_PAUSE_MS = 1_000;

/** Who hears how a connection fares. */
export interface ConnectionOwner {
  connected(channel: Channel): void;
  /** One try was in vain; another follows. */
  failed(error: GatewayError, crashLoop: boolean): void;
  /** What was open is not any more; a try to open it again follows. */
  lost(error: GatewayError, crashLoop: boolean): void;
  listChanged(kind: ListKind): void;
  /** Params of a `notifications/resources/updated`. */
  resourceUpdated(params: Params): void;
}

/**
 * Keeps one channel to one server open, for ever, as the session that everybody shares: whatever is lost is opened
 * again, after a random wait that grows from try to try; at once where the server is there and has only forgotten
 * the session. A server in a crash loop is tried at the longest waits only.
 */
export class Connection {
  private current: Channel | undefined;
  /** Channels that take nothing more and still wait for replies. */
  private readonly outgoing = new Set<Channel>();
  private readonly backoff: Backoff;
  private readonly losses = new CrashLoop();
  private timer: Timer | undefined;
  private attempt: Promise<void> | undefined;
  private looking: Promise<void> | undefined;
  private readonly giveUp = new AbortController();
  /** When a lost session was opened anew at once. */
  private renewedAt = Number.NEGATIVE_INFINITY;
  private finishing = false;
  private stopped = false;

  constructor(
    private readonly finder: EraFinder,
    private readonly context: ServerContext,
    private readonly owner: ConnectionOwner,
  ) {
    this.backoff = new Backoff(context.settings.reconnect);
  }

  /** Undefined while there is none. */
  get channel(): Channel | undefined {
    return this.current;
  }

  start(): void {
    this.attempt = this.open();
  }

  /** Opens nothing any more; what is open stays until it is stopped. */
  finish(): void {
    this.finishing = true;
    this.timer?.cancel();
  }

  /** Closes what is open, breaks off what is being opened, and tries no more. */
  async stop(): Promise<void> {
    this.finish();
    this.stopped = true;
    this.giveUp.abort();
    const channels = [...this.outgoing, ...(this.current ? [this.current] : [])];
    this.current = undefined;
    this.outgoing.clear();
    await Promise.all([this.attempt, this.looking, ...channels.map((channel) => channel.close())]);
  }

  /** Looks whether a legacy server has become a modern one: if so, what comes next is sent to that. Never rejects. */
  async look(): Promise<void> {
    const before = this.current;
    if (!before || this.finishing || this.looking) return;
    this.looking = this.opened((owner, opening) => this.finder.reopen(owner, opening)).then(
      (channel) => this.replace(before, channel),
      // Whatever it is by now: it is spoken to as before, for as long as that goes well.
      () => undefined,
    );
    await this.looking;
    this.looking = undefined;
  }

  private async open(): Promise<void> {
    let channel: Channel;
    try {
      channel = await this.opened((owner, opening) => this.finder.open(owner, opening));
    } catch (thrown) {
      this.failed(GatewayError.from(thrown));
      return;
    }
    if (this.stopped) return channel.close();
    this.current = channel;
    this.backoff.reset();
    this.owner.connected(channel);
  }

  private async opened(open: (owner: ChannelOwner, opening: Opening) => Promise<Channel>): Promise<Channel> {
    // What happens to this channel is heard here before the line that opens it has returned.
    let channel: Channel | undefined;
    const owner: ChannelOwner = {
      server: this.context.settings.id,
      holder: undefined,
      listChanged: (kind) => this.owner.listChanged(kind),
      resourceUpdated: (params) => this.owner.resourceUpdated(params),
      quiet: () => undefined,
      ending: (reason) => channel && this.ending(channel, reason),
      closed: (reason) => channel && this.closed(channel, reason),
    };
    // Nobody in particular stands behind it, so the server is offered nothing that it could ask of a client.
    return (channel = await open(owner, { capabilities: {}, giveUp: this.giveUp.signal }));
  }

  /** Calls that are in flight on the channel before may finish there. */
  private async replace(before: Channel, channel: Channel): Promise<void> {
    if (this.current !== before || this.finishing) return channel.close();
    this.outgoing.add(before);
    this.current = channel;
    this.owner.connected(channel);
    before.finish(new GatewayError('upstream_unavailable', 'the server is spoken to in another way'));
  }

  private failed(error: GatewayError): void {
    if (this.stopped) return;
    if (wentAway(error)) this.losses.lost(this.context.clock.now());
    this.finder.memory.lost();
    this.owner.failed(error, this.again(error));
  }

  private ending(channel: Channel, reason: GatewayError): void {
    if (this.current !== channel) return;
    this.outgoing.add(channel);
    this.lost(reason);
  }

  private closed(channel: Channel, reason: GatewayError): void {
    if (!this.outgoing.delete(channel) && this.current === channel) this.lost(reason);
  }

  private lost(reason: GatewayError): void {
    this.current = undefined;
    if (this.stopped) return;
    this.doubt(reason);
    this.owner.lost(reason, this.again(reason));
  }

  /** A server that forgets its sessions is well otherwise. */
  private doubt(reason: GatewayError): void {
    if (reason instanceof RevisionLostError) return this.finder.memory.doubt();
    if (reason instanceof SessionLostError) return;
    this.losses.lost(this.context.clock.now());
    this.finder.memory.lost();
  }

  /** Plans the next try; true when the server is in a crash loop. */
  private again(reason: GatewayError): boolean {
    const crashLoop = this.losses.isRunning(this.context.clock.now());
    const wait = crashLoop ? this.backoff.longest() : this.wait(reason);
    if (!this.finishing) this.timer = this.context.clock.after(wait, () => this.start());
    return crashLoop;
  }

  /** Milliseconds. A session that was lost is opened anew at once, but not again and again. */
  private wait(reason: GatewayError): number {
    const now = this.context.clock.now();
    if (!(reason instanceof SessionLostError) || now < this.renewedAt + RENEWAL_PAUSE_MS) return this.backoff.next();
    this.renewedAt = now;
    return 0;
  }
}
