import type { Params } from '../../core/message.js';
import type { ServerPeer } from '../../core/peer.js';
import type { ListKind } from '../list-kind.js';

/** Who hears what happens to a server. Several groups may listen while one generation follows another. */
export interface ServerListener {
  /** Requests may be possible now that were not before, or no more. @param peer as it introduced itself last */
  serverChanged(peer: ServerPeer | undefined): void;
  /** It was introduced, perhaps anew. @param server its id */
  serverIntroduced(server: string): void;
  /** The connection to it was lost. @param server its id */
  serverLost(server: string): void;
  listChanged(kind: ListKind): void;
  /** Params of a `notifications/resources/updated`. @param server its id */
  resourceUpdated(params: Params, server: string): void;
}
