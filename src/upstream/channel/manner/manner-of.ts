import type { Era, ServerPeer } from '../../../core/peer.js';
import { LegacyManner } from './legacy-manner.js';
import type { Manner } from './manner.js';
import type { MannerHost } from './manner-host.js';
import { ModernManner } from './modern-manner.js';

/** The manners of an era. @param peer undefined as long as the server was not introduced */
export function mannerOf(era: Era, host: MannerHost, peer: ServerPeer | undefined): Manner {
  return era === 'modern' ? new ModernManner(host, peer) : new LegacyManner(host);
}
