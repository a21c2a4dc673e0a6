import type { Clock } from '../../../core/clock.js';
import type { ServerPeer } from '../../../core/peer.js';
import type { Call } from '../call.js';
import type { ChannelOwner } from '../channel-owner.js';

/** The channel to a modern server, as far as listening to that server needs it. */
export interface ListeningHost {
  /** The server as it described itself. */
  readonly peer: ServerPeer;
  readonly clock: Clock;
  /** Who hears what the server says when it is listened to. */
  readonly owner: ChannelOwner;
  /** Sends a request to the server as it is. Never throws: whatever happens, the call hears of it. */
  send(call: Call): void;
  dropped(why: string): void;
}
