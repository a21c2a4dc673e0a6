import type { ServerPeer } from '../../core/peer.js';
import type { ListKind } from '../group.js';

/** Who hears what happens to a server. Several groups may listen while one generation follows another. */
export interface ServerListener {
  /** Requests may be possible now that were not before, or no more. @param peer as it introduced itself last */
  serverChanged(peer: ServerPeer | undefined): void;
  listChanged(kind: ListKind): void;
}
