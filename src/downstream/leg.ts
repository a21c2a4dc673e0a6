import type { Peer } from '../core/peer.js';
import type { Route } from '../routing/index.js';
import type { Session } from '../session/index.js';
import type { Place } from './exchange-host.js';
import type { Fellows } from './fellows.js';

/** Where messages come in: a WebSocket connection, or one POST. */
export interface Leg extends Place {
  /** Without a peer as long as the downstream has not introduced itself. */
  readonly session: Session;
  /** The route of the running generation. Undefined when a reload took it away. */
  readonly route: Route | undefined;
  /** Whether all replies share one wire, where nothing but the id tells them apart. */
  readonly duplex: boolean;
  /** Undefined where no other worker serves the same session. */
  readonly fellows?: Fellows | undefined;
  /**
   * Takes in a downstream that has introduced itself.
   *
   * @throws `limit_sessions`
   */
  introduce(peer: Peer): Session;
}
