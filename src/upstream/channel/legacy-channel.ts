import type { CallOptions, Channel } from '../../core/channel.js';
import type { Clock } from '../../core/clock.js';
import { CancelledError, GatewayError, UnsentError } from '../../core/errors.js';
import type { Events } from '../../core/events.js';
import { McpRequest, type InterimMessage, type McpReply } from '../../core/message.js';
import type { ServerPeer } from '../../core/peer.js';
import {
  cancelledParams,
  codecFor,
  notificationFrame,
  readParams,
  refusal,
  replyFrame,
  requestFrame,
  type Incoming,
  type IncomingReply,
  type IncomingRequest,
} from '../../protocol/index.js';
import type { UpstreamTransport } from '../upstream-transport.js';
import type { Wire, WireContext, WireListener } from '../wire.js';
import { ask, type Call } from './call.js';
import { CallTable, type Slot } from './call-table.js';
import type { ChannelOwner } from './channel-owner.js';
import { Notices } from './notices.js';

const CODEC = codecFor('legacy');

/**
 * The way to one server that has introduced itself with `initialize`. It owns the ids of its leg, and a
 * request's id is its progress token as well.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle
 */
export class LegacyChannel implements Channel, WireListener {
  private readonly calls: CallTable;
  private readonly notices: Notices;
  private readonly clock: Clock;
  private readonly events: Events;
  private readonly maxInFlight: number;
  private wire: Wire | undefined;
  private introduced: ServerPeer | undefined;
  /** Why nothing can be sent any more. */
  private over: GatewayError | undefined;

  private constructor(
    private readonly context: WireContext,
    private readonly owner: ChannelOwner,
  ) {
    this.clock = context.clock;
    this.events = context.events;
    this.maxInFlight = context.settings.maxInFlight;
    this.calls = new CallTable(this.clock, (slot, error) => this.givenUp(slot, error));
    this.notices = new Notices(this.calls, {
      listChanged: (kind) => owner.listChanged(kind),
      dropped: (why) => this.dropped(why),
    });
  }

  /**
   * Connects and introduces us.
   *
   * @param giveUp when it aborts, nobody waits for the introduction any more
   * @throws `upstream_unavailable`, `upstream_timeout`, `upstream_protocol_error`; whatever was opened is closed again
   */
  static async open(
    transport: UpstreamTransport,
    context: WireContext,
    owner: ChannelOwner,
    giveUp: AbortSignal,
  ): Promise<LegacyChannel> {
    const channel = new LegacyChannel(context, owner);
    const wire = await transport.open(context, channel, giveUp);
    channel.wire = wire;
    const closed = (): void =>
      channel.closed(new UnsentError('upstream_unavailable', 'the server is not wanted any more'));
    giveUp.addEventListener('abort', closed);
    try {
      if (giveUp.aborted) closed();
      await channel.introduce(wire);
    } catch (thrown) {
      channel.over ??= new UnsentError('upstream_unavailable', 'the server did not introduce itself');
      await wire.close();
      throw thrown;
    } finally {
      giveUp.removeEventListener('abort', closed);
    }
    return channel;
  }

  get peer(): ServerPeer {
    if (!this.introduced) throw new GatewayError('gateway_fault', 'the server has not introduced itself');
    return this.introduced;
  }

  get pending(): number {
    return this.calls.size;
  }

  request(request: McpRequest, options: CallOptions): Promise<McpReply> {
    return new Promise((done, failed) => {
      const { signal, deadline, progress } = options;
      const onInterim = (message: InterimMessage): void => options.onInterim(message);
      this.send({ request, signal, deadline, progress, attributable: true, onInterim, done, failed });
    });
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

  /** Asks something of the gateway's own. @throws as `request` */
  ask(request: McpRequest, deadline: number): Promise<McpReply> {
    return ask((call) => this.send(call), request, deadline);
  }

  notify(method: string, params?: Buffer): void {
    this.write(notificationFrame(method, params));
  }

  async close(): Promise<void> {
    const reason = new GatewayError('upstream_unavailable', 'the connection to the server was closed');
    this.over ??= reason;
    this.calls.failAll(reason);
    await this.wire?.close();
  }

  message(incoming: Incoming, origin: number | undefined): void {
    switch (incoming.kind) {
      case 'reply':
        return this.replied(incoming);
      case 'notification':
        return this.notices.take(incoming, origin);
      case 'request':
        return this.asked(incoming);
      case 'malformed':
        return this.malformed(incoming.id?.value);
      case 'batch':
        for (const message of incoming.messages) this.message(message, origin);
    }
  }

  failed(requestId: number, error: GatewayError): void {
    const slot = this.calls.find(requestId);
    if (slot && this.calls.remove(slot)) slot.call.failed(error);
  }

  ending(reason: GatewayError): void {
    if (this.over) return;
    this.over = reason;
    if (this.introduced) this.owner.ending(reason);
  }

  closed(reason: GatewayError): void {
    this.over ??= reason;
    // The owner first: who sends again at once must not be sent here.
    if (this.introduced) this.owner.closed(reason);
    this.calls.failAll(new GatewayError('upstream_unavailable', reason.message, {}, { cause: reason }));
    void this.wire?.close();
  }

  private async introduce(wire: Wire): Promise<void> {
    const { client, initializeTimeout } = this.context.settings;
    // We offer the server nothing yet that it could ask of us, so no capabilities are declared.
    const request = new McpRequest('initialize', readParams(CODEC.initializeParams(client)));
    const peer = CODEC.readInitializeResult(await this.ask(request, this.clock.now() + initializeTimeout));
    wire.negotiated(peer.revision);
    this.notify('notifications/initialized');
    await wire.introduced();
    if (this.over) throw this.over;
    this.introduced = peer;
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

  private replied({ id, reply }: IncomingReply): void {
    const slot = this.calls.find(id.value);
    if (slot && this.calls.remove(slot)) slot.call.done(reply);
    else this.dropped('unknown_id');
  }

  private malformed(id: unknown): void {
    const slot = this.calls.find(id);
    if (slot && this.calls.remove(slot)) {
      slot.call.failed(new GatewayError('upstream_protocol_error', 'the server sent an invalid reply'));
    } else {
      this.dropped('malformed');
    }
  }

  /** What the server asks is answered here, and at once: nobody upstream must wait for what never comes. */
  private asked({ id, method }: IncomingRequest): void {
    this.write(replyFrame(id.bytes, refusal(method, this.introduced?.revision)));
  }

  private write(frame: Buffer): void {
    try {
      if (!this.over) this.wire?.send(frame);
    } catch {
      this.dropped('unsendable');
    }
  }

  private givenUp(slot: Slot, error: GatewayError): void {
    // An introduction cannot be cancelled; the connection is closed instead.
    if (this.introduced) {
      const said = error instanceof CancelledError ? error.reason : undefined;
      this.notify('notifications/cancelled', cancelledParams(slot.id, said ?? error.message));
    }
    this.wire?.abandon(slot.id);
  }

  private dropped(why: string): void {
    this.events.emit('message.dropped', { where: 'upstream', why });
  }
}

function frameOf({ id, call }: Slot): Buffer {
  const { request, progress } = call;
  return requestFrame(id, request.method, CODEC.upstreamParams(request, progress ? id : undefined));
}
