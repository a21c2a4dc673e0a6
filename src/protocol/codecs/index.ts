import { GatewayError } from '../../core/errors.js';
import type { Era } from '../../core/peer.js';
import type { Codec, HandshakeCodec } from './codec.js';
import { legacyCodec } from './legacy.codec.js';

export type { Codec, HandshakeCodec, SelfDescription } from './codec.js';

/**
 * The codec of an era.
 *
 * @throws `protocol_unsupported_revision` for an era that is not spoken
 */
export function codecFor(era: 'legacy'): HandshakeCodec;
export function codecFor(era: Era): Codec;
export function codecFor(era: Era): Codec {
  if (era === 'legacy') return legacyCodec;
  throw new GatewayError('protocol_unsupported_revision', 'only revisions up to 2025-11-25 are spoken');
}
