import { GatewayError, UnsentError } from '../../core/errors.js';
import type { SessionEnd } from '../../core/events.js';
import type { Call } from '../channel/call.js';
import type { Channel } from '../channel/channel.js';
import type { ChannelOwner } from '../channel/channel-owner.js';
import { openChannel } from '../channel/open-channel.js';
import type { ListKind } from '../list-kind.js';
import type { Holder } from '../holder.js';
import { ServerLogLevel } from '../server/log-level.js';
import type { UpstreamTransport } from '../upstream-transport.js';
import type { ServerContext } from '../wire.js';
import { CallQueue } from './call-queue.js';
import { ChildPlace } from './child-place.js';
import type { Children, IdleChild } from './children.js';
import { Lease } from './lease.js';

/** What an own session is made of. */
export interface OwnSessionParts {
  readonly transport: UpstreamTransport;
  readonly context: ServerContext;
  /** Where each session is a child process of its own. */
  readonly children: Children | undefined;
}

/** Who hears how an own session fares. */
export interface OwnSessionHost {
  opened(session: OwnSession): void;
  /** It takes nothing more. @param why undefined where it was never open */
  left(session: OwnSession, why: SessionEnd | undefined): void;
  /** Nothing is left of it. */
  gone(session: OwnSession): void;
  /** It has nothing to do any more. */
  rested(session: OwnSession): void;
}

/**
 * An upstream session that one holder has for itself with a legacy server, opened with the holder's capabilities. What is sent while it
 * opens waits for it. Once it has ended, for whatever reason, it takes nothing more: what comes next is for another.
 */
export class OwnSession implements ChannelOwner, IdleChild {
  readonly server: string;
  /** Since when there has been nothing to do. Monotonic milliseconds. */
  idleSince: number;
  holder: Holder;
  private channel: Channel | undefined;
  private lease: Lease | undefined;
  private readonly place: ChildPlace;
  private readonly opening: CallQueue;
  private readonly logLevel: ServerLogLevel;
  private readonly giveUp = new AbortController();
  private attempt: Promise<void> | undefined;
  private unwatch: (() => void) | undefined;
  private over = false;
  private going: Promise<void> | undefined;

  constructor(
    holder: Holder,
    private readonly parts: OwnSessionParts,
    private readonly host: OwnSessionHost,
  ) {
    const { clock, settings } = parts.context;
    this.holder = holder;
    this.server = settings.id;
    this.idleSince = clock.now();
    this.place = new ChildPlace(parts.children, settings.maxChildren);
    this.opening = new CallQueue(clock, settings.maxInFlight);
    this.logLevel = new ServerLogLevel(clock);
  }

  get isOpen(): boolean {
    return this.channel !== undefined && !this.over;
  }

  get isNeeded(): boolean {
    return this.holder.needsSession ?? false;
  }

  get isBusy(): boolean {
    return !this.channel || this.channel.isBusy || (this.lease?.waiting ?? 0) > 0;
  }

  /** Until when it may stay if nothing happens. Monotonic milliseconds. */
  get deadline(): number {
    return this.isBusy ? Number.POSITIVE_INFINITY : this.idleSince + this.parts.context.settings.sessionIdleTimeout;
  }

  start(): void {
    this.attempt = this.open();
    this.watchHolder();
  }

  /** The holder of the same key that is meant from now on: each generation has its own. */
  adopt(holder: Holder): void {
    if (holder === this.holder || holder.ended) return;
    this.unwatch?.();
    this.holder = holder;
    this.watchHolder();
  }

  /** Never throws: whatever happens, the call hears of it. */
  send(call: Call): void {
    if (!this.channel) this.opening.enter(call);
    else if (this.lease && call.attributable) this.lease.take(call);
    else this.channel.send(call);
  }

  /** Dropped while it opens: a server that was told nothing yet has nothing to be told anew. */
  notify(method: string, params: Buffer | undefined): void {
    this.channel?.notify(method, params);
  }

  setLogLevel(level: string): void {
    this.logLevel.want(level, this.channel);
  }

  /** Takes nothing more, and ends. Settles when nothing is left of it. */
  end(why: SessionEnd): Promise<void> {
    this.leave(why, new UnsentError('upstream_unavailable', 'the upstream session was closed'));
    this.giveUp.abort();
    return this.finish(() => this.close());
  }

  listChanged(kind: ListKind): void {
    this.holder.listChanged(kind);
  }

  resourceUpdated(): void {
    // Taken by the holder, as everything else on a session of its own.
  }

  quiet(): void {
    this.idleSince = this.parts.context.clock.now();
    this.host.rested(this);
  }

  ending(reason: GatewayError): void {
    this.leave('lost', new UnsentError('upstream_unavailable', reason.message, {}, { cause: reason }));
  }

  closed(reason: GatewayError): void {
    this.ending(reason);
    void this.finish(() => this.close());
  }

  private async open(): Promise<void> {
    const { transport, context } = this.parts;
    try {
      await this.place.take();
      const { capabilities } = this.holder;
      const opening = { capabilities, giveUp: this.giveUp.signal };
      this.channel = await openChannel(transport, context, this, opening);
    } catch (thrown) {
      this.leave(undefined, unsent(GatewayError.from(thrown)));
      void this.finish(() => Promise.resolve());
      return;
    }
    if (!this.over) this.opened(this.channel);
  }

  private opened(channel: Channel): void {
    const { plural, capabilities, logLevel } = this.holder;
    const { clock, settings } = this.parts.context;
    if (plural && !channel.knowsOrigin && Object.keys(capabilities).length > 0) {
      this.lease = new Lease(new CallQueue(clock, settings.maxInFlight), (call) => channel.send(call));
    }
    if (logLevel !== undefined) this.logLevel.want(logLevel, channel);
    this.quiet();
    this.host.opened(this);
    for (let call = this.opening.shift(); call; call = this.opening.shift()) this.send(call);
  }

  private leave(why: SessionEnd | undefined, reason: GatewayError): void {
    if (this.over) return;
    this.over = true;
    this.unwatch?.();
    this.host.left(this, this.channel && why);
    this.opening.failAll(reason);
    this.lease?.close(reason);
  }

  private finish(close: () => Promise<void>): Promise<void> {
    if (this.going) return this.going;
    this.going = close();
    this.place.leave(this.going);
    void this.going.then(() => this.host.gone(this));
    return this.going;
  }

  private async close(): Promise<void> {
    await this.attempt;
    await this.channel?.close();
  }

  private watchHolder(): void {
    this.unwatch = this.holder.onEnd(() => void this.end('holder_left'));
  }
}

/** Whatever went wrong while it opened: nothing of what waited was sent. */
function unsent(error: GatewayError): UnsentError {
  if (error instanceof UnsentError) return error;
  return new UnsentError(error.code, error.message, error.data, { cause: error.cause ?? error });
}
