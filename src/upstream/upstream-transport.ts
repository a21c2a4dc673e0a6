import { defineExtensionPoint, type ExtensionTraits } from '../extension/index.js';
import type { Wire, WireContext, WireListener } from './wire.js';

/** Speaks JSON-RPC with one kind of server. */
export interface UpstreamTransport {
  /**
   * Connects, within the connect time-out of the settings.
   *
   * @param giveUp when it aborts, nobody waits for the wire any more: what takes long is broken off
   * @throws `upstream_unavailable` as `UnsentError`
   */
  open(context: WireContext, listener: WireListener, giveUp?: AbortSignal): Promise<Wire>;
}

export interface TransportTraits extends ExtensionTraits {
  /** URL schemes it serves, without the colon. The one that starts commands serves `stdio`. */
  readonly schemes: readonly string[];
}

export const UpstreamTransport = defineExtensionPoint<UpstreamTransport, TransportTraits>('upstream transport');
