import type { Clock } from '../../../core/clock.js';
import type { Events } from '../../../core/events.js';
import type { Implementation, ServerPeer } from '../../../core/peer.js';
import type { IncomingNotification } from '../../../protocol/index.js';
import type { Call } from '../call.js';
import type { CallTable, Slot } from '../call-table.js';
import type { ChannelOwner } from '../channel-owner.js';

/** The channel, as the manners of its era see it. */
export interface MannerHost {
  readonly calls: CallTable;
  readonly events: Events;
  readonly clock: Clock;
  readonly owner: ChannelOwner;
  /** The gateway itself, for requests that nobody else stands behind. */
  readonly client: Implementation;
  /** Undefined until the server has introduced itself. */
  readonly introduced: ServerPeer | undefined;
  notify(method: string, params?: Buffer): void;
  /** Sends a request to the server, whatever it is. Never throws. */
  pass(call: Call): void;
  /** Hands a notification to the call that it is for. */
  hand(notification: IncomingNotification, slot: Slot): void;
  dropped(why: string): void;
}
