import { CancelledError, GatewayError, UnsentError } from '../../core/errors.js';
import type { Events } from '../../core/events.js';
import type { McpReply, McpRequest } from '../../core/message.js';
import type { ServerPeer } from '../../core/peer.js';
import { cancelledParams, codecFor, notificationFrame, requestFrame, type Incoming } from '../../protocol/index.js';
import { SessionLostError } from '../session-lost.js';
import type { Wire, WireContext, WireListener } from '../wire.js';
import { Arrivals, type ArrivalHost } from './arrivals.js';
import { ask, type Call } from './call.js';
import { CallTable, type Slot } from './call-table.js';
import type { ChannelOwner } from './channel-owner.js';
import type { UnpromptedHost } from './unprompted-host.js';
import { Unprompted } from './unprompted.js';

const CODEC = codecFor('legacy');

/**
 * The way to one server that introduces itself with `initialize` (`openChannel`). It owns the ids of its leg, and a
 * request's id is its progress token as well.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle
 */
export class LegacyChannel implements WireListener, UnpromptedHost, ArrivalHost {
  readonly events: Events;
  /** Undefined until it is connected. */
  wire: Wire | undefined;
  private readonly calls: CallTable;
  private readonly unprompted: Unprompted;
  private readonly arrivals: Arrivals;
  private readonly maxInFlight: number;
  private closing: Promise<void> | undefined;
  private introduced: ServerPeer | undefined;
  /** Why nothing can be sent any more. */
  private over: GatewayError | undefined;

  constructor(
    context: WireContext,
    private readonly owner: ChannelOwner,
  ) {
    this.events = context.events;
    this.maxInFlight = context.settings.maxInFlight;
    this.calls = new CallTable(
      context.clock,
      (slot, error) => this.givenUp(slot, error),
      () => this.owner.quiet(),
    );
    this.unprompted = new Unprompted(this, this.calls, owner);
    this.arrivals = new Arrivals(this, this.calls, this.unprompted);
  }

  /** It is connected. To be called once, before anything is sent. */
  connected(wire: Wire): void {
    this.wire = wire;
  }

  /** The server has introduced itself. @throws why nothing can be sent any more, if that is so */
  metWith(peer: ServerPeer): void {
    if (this.over) throw this.over;
    this.introduced = peer;
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
    const refused = this.refused(call);
    if (refused) return call.failed(refused);
    const slot = this.calls.add(call);
    try {
      this.wire?.send(frameOf(slot), slot.id);
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

  /** Sends a notification; one that cannot be sent is dropped. */
  notify(method: string, params?: Buffer): void {
    this.write(notificationFrame(method, params));
  }

  /** Ends it. What is in flight fails with `upstream_unavailable`. */
  async close(): Promise<void> {
    const reason = new GatewayError('upstream_unavailable', 'the connection to the server was closed');
    this.over ??= reason;
    this.calls.failAll(reason);
    this.unprompted.close();
    await this.closeWire();
  }

  message(incoming: Incoming, origin: number | undefined): void {
    this.arrivals.take(incoming, origin);
  }

  failed(requestId: number, error: GatewayError): void {
    // Who sends again at once must not be sent here.
    if (error instanceof SessionLostError) this.ending(error);
    const slot = this.calls.find(requestId);
    if (slot && this.calls.remove(slot)) slot.call.failed(error);
  }

  ending(reason: GatewayError): void {
    if (this.over) return;
    this.over = reason;
    this.unprompted.close();
    if (this.introduced) this.owner.ending(reason);
  }

  closed(reason: GatewayError): void {
    this.over ??= reason;
    // The owner first: who sends again at once must not be sent here.
    if (this.introduced) this.owner.closed(reason);
    this.calls.failAll(new GatewayError('upstream_unavailable', reason.message, {}, { cause: reason }));
    this.unprompted.close();
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
    // An introduction cannot be cancelled; the connection is closed instead.
    if (this.introduced) {
      const said = error instanceof CancelledError ? error.reason : undefined;
      this.notify('notifications/cancelled', cancelledParams(slot.id, said ?? error.message));
    }
    this.wire?.abandon(slot.id);
  }
}

function frameOf({ id, call }: Slot): Buffer {
  const { request, progress } = call;
  return requestFrame(id, request.method, CODEC.upstreamParams(request, progress ? id : undefined));
}
