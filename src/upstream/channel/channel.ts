import type { Clock, Timer } from '../../core/clock.js';
import { CancelledError, GatewayError, UnsentError } from '../../core/errors.js';
import type { Events } from '../../core/events.js';
import type { McpReply, McpRequest } from '../../core/message.js';
import type { Era, Implementation, ServerPeer } from '../../core/peer.js';
import { notificationFrame, type Incoming, type IncomingNotification } from '../../protocol/index.js';
import { RevisionLostError, SessionLostError } from '../session-lost.js';
import type { ServerContext, Wire, WireListener } from '../wire.js';
import { Arrivals, type ArrivalHost } from './arrivals.js';
import { ask, type Call } from './call.js';
import { CallTable, type Slot } from './call-table.js';
import type { ChannelOwner } from './channel-owner.js';
import { mannerOf } from './manner/manner-of.js';
import type { Manner } from './manner/manner.js';
import type { MannerHost } from './manner/manner-host.js';
import type { UnpromptedHost } from './unprompted-host.js';
import { Unprompted } from './unprompted.js';

/** How long what is in flight may take when its server is about to be introduced anew. Milliseconds. */
const FAREWELL_MS = 60_000;

/**
 * The way to one server, whatever its era: what one era does in its own way is left to `manner`. The channel owns
 * the ids of its leg, and a request's id is its progress token as well.
 */
export class Channel implements WireListener, UnpromptedHost, ArrivalHost, MannerHost {
  readonly events: Events;
  readonly clock: Clock;
  readonly client: Implementation;
  readonly calls: CallTable;
  /** Undefined until it is connected. */
  wire: Wire | undefined;
  introduced: ServerPeer | undefined;
  private readonly unprompted: Unprompted;
  private readonly arrivals: Arrivals;
  private readonly maxInFlight: number;
  private manner: Manner;
  private closing: Promise<void> | undefined;
  /** Why nothing can be sent any more. */
  private over: GatewayError | undefined;
  /** Runs while it only waits for what is in flight. */
  private farewell: Timer | undefined;

  /** @param era in whose words the server is spoken to first */
  constructor(
    { settings, clock, events }: ServerContext,
    readonly owner: ChannelOwner,
    era: Era,
  ) {
    this.events = events;
    this.clock = clock;
    this.client = settings.client;
    this.maxInFlight = settings.maxInFlight;
    this.calls = new CallTable(
      clock,
      (slot, error) => this.givenUp(slot, error),
      () => this.emptied(),
    );
    this.unprompted = new Unprompted(this, this.calls, owner);
    this.arrivals = new Arrivals(this, this.calls, this.unprompted);
    this.manner = mannerOf(era, this, undefined);
  }

  /** It is connected. To be called once, before anything is sent. */
  connected(wire: Wire): void {
    this.wire = wire;
  }

  /** The server is spoken to in other words than before: it was not introduced yet. */
  speak(era: Era): void {
    this.manner = mannerOf(era, this, undefined);
  }

  /** The server has introduced itself. @throws why nothing can be sent any more, if that is so */
  metWith(peer: ServerPeer): void {
    if (this.over) throw this.over;
    this.introduced = peer;
    this.manner = mannerOf(peer.era, this, peer);
    this.manner.begin?.();
  }

  /** The server as it introduced itself. */
  get peer(): ServerPeer {
    if (!this.introduced) throw new GatewayError('gateway_fault', 'the server has not introduced itself');
    return this.introduced;
  }

  get revision(): string | undefined {
    return this.introduced?.revision;
  }

  /** Requests sent and not yet answered. */
  get pending(): number {
    return this.calls.size;
  }

  /** Whether anybody waits for anything: we for a reply, or the server for one. */
  get isBusy(): boolean {
    return this.calls.size > 0 || this.unprompted.unanswered > 0;
  }

  /** As `Wire`. */
  get knowsOrigin(): boolean {
    return this.wire?.knowsOrigin ?? false;
  }

  /** As `Wire`. */
  get hasSession(): boolean {
    return this.wire?.hasSession ?? false;
  }

  /** Sends one request. Never throws: whatever happens, the call hears of it. */
  send(call: Call): void {
    if (!this.manner.answers(call)) this.pass(call);
  }

  pass(call: Call): void {
    const refused = this.refused(call);
    if (refused) return call.failed(refused);
    const slot = this.calls.add(call);
    try {
      this.wire?.send(this.manner.frame(slot), slot.id, this.manner.headers(call, this.wire), call.behalf);
    } catch (thrown) {
      if (this.calls.remove(slot)) call.failed(GatewayError.from(thrown));
    }
  }

  /**
   * Asks something of the gateway's own.
   *
   * @throws `upstream_timeout`, `upstream_protocol_error`; `upstream_unavailable` when the channel broke after the
   * request was sent, as `UnsentError` when it certainly was not
   */
  ask(request: McpRequest, deadline: number): Promise<McpReply> {
    return ask((call) => this.send(call), request, deadline);
  }

  /** Asks the server whether it is there. @throws as `ask` */
  check(deadline: number): Promise<McpReply> {
    return this.ask(this.manner.probe, deadline);
  }

  /** Sends a notification; one that cannot be sent is dropped. */
  notify(method: string, params?: Buffer): void {
    this.write(notificationFrame(method, params));
  }

  /** Ends it. What is in flight fails with `upstream_unavailable`. */
  async close(): Promise<void> {
    const reason = new GatewayError('upstream_unavailable', 'the connection to the server was closed');
    this.over ??= reason;
    this.farewellIsOver();
    this.calls.failAll(reason);
    this.hushed();
    await this.closeWire();
  }

  /** Takes nothing more and is over as soon as nothing is in flight, or after a minute. */
  finish(reason: GatewayError): void {
    if (this.over) return;
    this.ending(reason);
    if (this.calls.size === 0) this.closed(reason);
    else this.farewell = this.clock.after(FAREWELL_MS, () => this.closed(reason));
  }

  message(incoming: Incoming, origin: number | undefined): void {
    this.arrivals.take(incoming, origin);
  }

  replied({ call }: Slot, reply: McpReply): void {
    const judged = this.introduced ? this.manner.judge(call, reply) : reply;
    if (!(judged instanceof GatewayError)) return call.done(judged);
    // Who sends again at once must not be sent here.
    if (judged instanceof RevisionLostError) this.finish(judged);
    call.failed(judged);
  }

  /** Whether the server may ask for something; what it asks all the same is dropped. */
  get isAsked(): boolean {
    return this.manner.isAsked;
  }

  notified(notification: IncomingNotification, origin: number | undefined): void {
    if (!this.manner.takes(notification, origin)) this.unprompted.notification(notification, origin);
  }

  hand(notification: IncomingNotification, slot: Slot): void {
    slot.call.onInterim(notification);
    this.unprompted.handed(slot);
  }

  failed(requestId: number, error: GatewayError): void {
    const slot = this.calls.find(requestId);
    const refused = this.introduced ? this.manner.refused(error, slot?.call) : error;
    // Who sends again at once must not be sent here.
    if (refused instanceof RevisionLostError) this.finish(refused);
    else if (refused instanceof SessionLostError) this.ending(refused);
    if (slot && this.calls.remove(slot)) slot.call.failed(refused);
  }

  ending(reason: GatewayError): void {
    if (this.over) return;
    this.over = reason;
    this.hushed();
    if (this.introduced) this.owner.ending(reason);
  }

  closed(reason: GatewayError): void {
    this.over ??= reason;
    this.farewellIsOver();
    // The owner first: who sends again at once must not be sent here.
    if (this.introduced) this.owner.closed(reason);
    this.calls.failAll(new GatewayError('upstream_unavailable', reason.message, {}, { cause: reason }));
    this.hushed();
    void this.closeWire();
  }

  write(frame: Buffer): void {
    try {
      if (!this.over) this.wire?.send(frame);
    } catch {
      this.dropped('unsendable');
    }
  }

  dropped(why: string): void {
    this.events.emit('message.dropped', { where: 'upstream', why });
  }

  /** Nothing that the server says from now on is for anybody, but for replies. */
  private hushed(): void {
    this.unprompted.close();
    this.manner.close();
  }

  private farewellIsOver(): void {
    this.farewell?.cancel();
    this.farewell = undefined;
  }

  private emptied(): void {
    if (this.farewell) this.closed(this.over ?? new GatewayError('upstream_unavailable', 'the channel is over'));
    else this.owner.quiet();
  }

  /** Settles when all that was opened is gone, however often it is asked for. */
  private closeWire(): Promise<void> | undefined {
    return (this.closing ??= this.wire?.close());
  }

  private refused(call: Call): GatewayError | undefined {
    if (this.over || !this.wire) {
      return new UnsentError(
        'upstream_unavailable',
        'the connection to the server is closed',
        {},
        { cause: this.over },
      );
    }
    if (this.calls.size >= this.maxInFlight) {
      return new UnsentError('upstream_overloaded', 'too many requests wait for the server');
    }
    if (call.signal?.aborted) return new CancelledError();
    return undefined;
  }

  private givenUp(slot: Slot, error: GatewayError): void {
    const { wire } = this;
    if (!wire) return;
    // An introduction cannot be cancelled; the connection is closed instead.
    if (this.introduced) this.manner.withdraw(slot, error, wire);
    wire.abandon(slot.id);
  }
}
