import { revisionOf, type IncomingNotification, type IncomingRequest } from '../../protocol/index.js';
import { Attribution } from './attribution.js';
import { Backpressure } from './backpressure.js';
import type { CallTable, Slot } from './call-table.js';
import type { ChannelOwner } from './channel-owner.js';
import { InputRequests } from './input-requests.js';
import { Notices } from './notices.js';
import type { UnpromptedHost } from './unprompted-host.js';

/** Everything that a server says on one channel and that is no reply. */
export class Unprompted {
  private readonly backpressure: Backpressure;
  private readonly inputs: InputRequests;
  private readonly notices: Notices;
  private closed = false;

  constructor(
    private readonly host: UnpromptedHost,
    calls: CallTable,
    owner: ChannelOwner,
  ) {
    const attribution = new Attribution(calls, owner);
    this.backpressure = new Backpressure(host, calls, attribution);
    const parts = { calls, attribution, backpressure: this.backpressure, owner, host };
    this.inputs = new InputRequests(parts);
    this.notices = new Notices({ ...parts, inputs: this.inputs });
  }

  /** How many input requests wait for their answer. */
  get unanswered(): number {
    return this.inputs.size;
  }

  /** @param origin the request on whose behalf it came, where the transport knows */
  notification(notification: IncomingNotification, origin: number | undefined): void {
    this.notices.take(notification, origin);
  }

  /** @param origin as for a notification */
  request(request: IncomingRequest, origin: number | undefined): void {
    // What cannot be answered any more is not asked of anybody.
    if (this.closed) return;
    const { method } = request;
    const { revision } = this.host;
    const isInput =
      method !== 'ping' && revision !== undefined && revisionOf(revision)?.serverMethods.has(method) === true;
    if (isInput) this.inputs.take(request, origin);
    // Nobody upstream must wait for what never comes.
    else this.inputs.refuse(request);
  }

  /** A call was handed something: if its downstream cannot keep up, the server has to wait. */
  handed(slot: Slot): void {
    this.backpressure.after(slot);
  }

  /** The channel is over. */
  close(): void {
    this.closed = true;
    this.inputs.close();
  }
}
