import { cancelledReason, cancelledRequest, LIST_CHANGES, notifiedToken } from '../../protocol/index.js';
import type { IncomingNotification } from '../../protocol/index.js';
import type { Attribution } from './attribution.js';
import type { Backpressure } from './backpressure.js';
import type { CallTable, Slot } from './call-table.js';
import type { ChannelOwner } from './channel-owner.js';
import type { InputRequests } from './input-requests.js';
import type { UnpromptedHost } from './unprompted-host.js';

/** What only clients say. */
const OF_CLIENTS = new Set(['notifications/initialized', 'notifications/roots/list_changed']);

/** Whom a channel tells about things a server says on its own. */
export interface NoticeParts {
  readonly calls: CallTable;
  readonly attribution: Attribution;
  readonly inputs: InputRequests;
  readonly backpressure: Backpressure;
  readonly owner: ChannelOwner;
  readonly host: UnpromptedHost;
}

/**
 * Finds out for whom a notification is: progress by its token, log messages by the request they came with,
 * everything else by the session it came on. What belongs to nobody for certain is dropped: it might be another
 * client's.
 */
export class Notices {
  constructor(private readonly parts: NoticeParts) {}

  /** @param origin the request on whose behalf it came, where the transport knows */
  take(notification: IncomingNotification, origin: number | undefined): void {
    const { method, params } = notification;
    const list = LIST_CHANGES.get(method);
    if (list) this.parts.owner.listChanged(list);
    else if (method === 'notifications/progress') this.progress(notification);
    else if (method === 'notifications/message') this.log(notification, origin);
    else if (method === 'notifications/cancelled')
      this.parts.inputs.cancelled(cancelledRequest(params), cancelledReason(params));
    else if (method === 'notifications/resources/updated') this.updated(notification);
    else this.other(notification, origin);
  }

  /** @see https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/progress */
  private progress(notification: IncomingNotification): void {
    const slot = this.parts.calls.find(notifiedToken(notification.params));
    if (!slot?.call.progress) return this.parts.host.dropped('unknown_progress');
    const progress = notification.params?.object()['progress'];
    const isNews = typeof progress === 'number' && progress > (slot.progress ?? Number.NEGATIVE_INFINITY);
    if (!isNews) return this.parts.host.dropped('stale_progress');
    slot.progress = progress;
    this.hand(notification, slot);
  }

  private log(notification: IncomingNotification, origin: number | undefined): void {
    const { attribution } = this.parts;
    const slot = attribution.callLogged(origin);
    if (slot) this.hand(notification, slot);
    else if (attribution.sole) this.handHolder(notification);
    else this.parts.host.dropped('unattributed_log');
  }

  private updated(notification: IncomingNotification): void {
    const { owner } = this.parts;
    if (owner.holder) this.handHolder(notification);
    else if (notification.params) owner.resourceUpdated(notification.params);
  }

  private other(notification: IncomingNotification, origin: number | undefined): void {
    const slot = this.parts.attribution.with(origin);
    if (OF_CLIENTS.has(notification.method)) this.parts.host.dropped('unknown_notification');
    else if (slot) this.hand(notification, slot);
    else if (this.parts.owner.holder) this.handHolder(notification);
    else this.parts.host.dropped('unknown_notification');
  }

  private hand(notification: IncomingNotification, slot: Slot): void {
    slot.call.onInterim(notification);
    this.parts.backpressure.after(slot);
  }

  private handHolder(notification: IncomingNotification): void {
    const { holder, server } = this.parts.owner;
    holder?.take(notification, server);
    this.parts.backpressure.afterHolder(holder?.flow);
  }
}
