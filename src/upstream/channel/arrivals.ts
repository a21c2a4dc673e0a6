import { GatewayError } from '../../core/errors.js';
import type { Events } from '../../core/events.js';
import type { McpReply } from '../../core/message.js';
import type {
  Incoming,
  IncomingNotification,
  IncomingReply,
  IncomingRequest,
  Malformed,
} from '../../protocol/index.js';
import type { CallTable, Slot } from './call-table.js';
import type { Unprompted } from './unprompted.js';

/** What arrivals need of the channel that they come on. */
export interface ArrivalHost {
  readonly events: Events;
  /** Whether servers of this era may ask for something at all. */
  readonly isAsked: boolean;
  /** A call, which has left the table, has its reply. */
  replied(slot: Slot, reply: McpReply): void;
  notified(notification: IncomingNotification, origin: number | undefined): void;
  dropped(why: string): void;
}

/** Sorts what comes on one channel: replies go to their calls, all else is what the server says unprompted. */
export class Arrivals {
  constructor(
    private readonly host: ArrivalHost,
    private readonly calls: CallTable,
    private readonly unprompted: Unprompted,
  ) {}

  /** @param origin the request on whose behalf it came, where the transport knows */
  take(incoming: Incoming, origin: number | undefined): void {
    switch (incoming.kind) {
      case 'reply':
        return this.replied(incoming);
      case 'notification':
        return this.host.notified(incoming, origin);
      case 'request':
        return this.asked(incoming, origin);
      case 'malformed':
        return this.malformed(incoming);
      case 'batch':
        for (const message of incoming.messages) this.take(message, origin);
    }
  }

  private replied({ id, reply }: IncomingReply): void {
    const slot = this.calls.find(id.value);
    if (!slot || !this.calls.replied(slot)) return this.host.dropped('unknown_id');
    this.host.replied(slot, reply);
    this.unprompted.handed(slot);
  }

  private asked(request: IncomingRequest, origin: number | undefined): void {
    if (this.host.isAsked) this.unprompted.request(request, origin);
    else this.host.dropped('unasked_request');
  }

  private malformed({ error, id }: Malformed): void {
    this.host.events.emit('rule.broken', { leg: 'upstream', rule: error.rule, action: 'refused' });
    const slot = this.calls.find(id?.value);
    if (slot && this.calls.remove(slot)) {
      slot.call.failed(new GatewayError('upstream_protocol_error', 'the server sent an invalid reply'));
    } else {
      this.host.dropped('malformed');
    }
  }
}
