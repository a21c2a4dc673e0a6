import type { Timer } from '../core/clock.js';
import { GatewayError } from '../core/errors.js';
import { Backoff } from './backoff.js';
import type { ChannelOwner } from './channel/channel-owner.js';
import { LegacyChannel } from './channel/legacy-channel.js';
import { CrashLoop } from './crash-loop.js';
import type { ListKind } from './group.js';
import { wentAway } from './upstream-failure.js';
import type { UpstreamTransport } from './upstream-transport.js';
import type { WireContext } from './wire.js';

/** Who hears how a connection fares. */
export interface ConnectionOwner {
  connected(channel: LegacyChannel): void;
  /** One try was in vain; another follows. */
  failed(error: GatewayError, crashLoop: boolean): void;
  /** What was open is not any more; a try to open it again follows. */
  lost(error: GatewayError, crashLoop: boolean): void;
  listChanged(kind: ListKind): void;
}

/**
 * Keeps one channel to one server open, for ever: whatever is lost is opened again, after a random wait
 * that grows from try to try. A server in a crash loop is tried at the longest waits only.
 */
export class Connection {
  private current: LegacyChannel | undefined;
  /** Channels that take nothing more and still wait for replies. */
  private readonly outgoing = new Set<LegacyChannel>();
  private readonly backoff: Backoff;
  private readonly losses = new CrashLoop();
  private timer: Timer | undefined;
  private attempt: Promise<void> | undefined;
  private readonly giveUp = new AbortController();
  private finishing = false;
  private stopped = false;

  constructor(
    private readonly transport: UpstreamTransport,
    private readonly context: WireContext,
    private readonly owner: ConnectionOwner,
  ) {
    this.backoff = new Backoff(context.settings.reconnect);
  }

  /** Undefined while there is none. */
  get channel(): LegacyChannel | undefined {
    return this.current;
  }

  /** Requests sent and not yet answered. */
  get pending(): number {
    let pending = this.current?.pending ?? 0;
    for (const channel of this.outgoing) pending += channel.pending;
    return pending;
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
    await Promise.all([this.attempt, ...channels.map((channel) => channel.close())]);
  }

  private async open(): Promise<void> {
    // What happens to this channel is heard here before the line that opens it has returned.
    let channel: LegacyChannel | undefined;
    const owner: ChannelOwner = {
      listChanged: (kind) => this.owner.listChanged(kind),
      ending: (reason) => channel && this.ending(channel, reason),
      closed: (reason) => channel && this.closed(channel, reason),
    };
    try {
      channel = await LegacyChannel.open(this.transport, this.context, owner, this.giveUp.signal);
    } catch (thrown) {
      this.failed(GatewayError.from(thrown));
      return;
    }
    if (this.stopped) return channel.close();
    this.current = channel;
    this.backoff.reset();
    this.owner.connected(channel);
  }

  private failed(error: GatewayError): void {
    if (this.stopped) return;
    if (wentAway(error)) this.losses.lost(this.context.clock.now());
    this.owner.failed(error, this.again());
  }

  private ending(channel: LegacyChannel, reason: GatewayError): void {
    if (this.current !== channel) return;
    this.outgoing.add(channel);
    this.lost(reason);
  }

  private closed(channel: LegacyChannel, reason: GatewayError): void {
    if (!this.outgoing.delete(channel) && this.current === channel) this.lost(reason);
  }

  private lost(reason: GatewayError): void {
    this.current = undefined;
    if (this.stopped) return;
    this.losses.lost(this.context.clock.now());
    this.owner.lost(reason, this.again());
  }

  /** Plans the next try; true when the server is in a crash loop. */
  private again(): boolean {
    const crashLoop = this.losses.isRunning(this.context.clock.now());
    const wait = crashLoop ? this.backoff.longest() : this.backoff.next();
    if (!this.finishing) this.timer = this.context.clock.after(wait, () => this.start());
    return crashLoop;
  }
}
