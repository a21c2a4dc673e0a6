import { LIST_CHANGES, notifiedToken, type IncomingNotification } from '../../protocol/index.js';
import type { ListKind } from '../group.js';
import type { CallTable, Slot } from './call-table.js';

/** What to do about things a server says on its own. */
export interface NoticeListener {
  listChanged(kind: ListKind): void;
  dropped(why: string): void;
}

/**
 * Finds out for whom a notification is: progress by its token, log messages by the request they came
 * with. What belongs to nobody for certain is dropped: it might be another client's.
 */
export class Notices {
  constructor(
    private readonly calls: CallTable,
    private readonly listener: NoticeListener,
  ) {}

  /** @param origin the request on whose behalf it came, where the transport knows */
  take(notification: IncomingNotification, origin: number | undefined): void {
    const { method } = notification;
    if (method === 'notifications/progress') this.progress(notification);
    else if (method === 'notifications/message') this.log(notification, origin);
    else this.other(method);
  }

  /** @see https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/progress */
  private progress(notification: IncomingNotification): void {
    const slot = this.calls.find(notifiedToken(notification.params));
    if (!slot?.call.progress) return this.listener.dropped('unknown_progress');
    const progress = notification.params?.object()['progress'];
    if (typeof progress !== 'number' || progress <= slot.progress) return this.listener.dropped('stale_progress');
    slot.progress = progress;
    slot.call.onInterim(notification);
  }

  private other(method: string): void {
    const list = LIST_CHANGES.get(method);
    if (list) this.listener.listChanged(list);
    // We refuse whatever a server asks of us at once, so there is never anything to cancel.
    else if (method !== 'notifications/cancelled') this.listener.dropped('unknown_notification');
  }

  private log(notification: IncomingNotification, origin: number | undefined): void {
    const slot: Slot | undefined = origin === undefined ? this.calls.only() : this.calls.find(origin);
    if (slot?.call.attributable) slot.call.onInterim(notification);
    else this.listener.dropped('unattributed_log');
  }
}
