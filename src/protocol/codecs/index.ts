import type { Era } from '../../core/peer.js';
import type { Codec, HandshakeCodec, StatelessCodec } from './codec.js';
import { legacyCodec } from './legacy.codec.js';
import { modernCodec } from './modern.codec.js';

export type { Codec, HandshakeCodec, SelfDescription, Sender, StatelessCodec } from './codec.js';

const CODECS: Readonly<Record<Era, Codec>> = { legacy: legacyCodec, modern: modernCodec };

/** The codec of an era. */
export function codecFor(era: 'legacy'): HandshakeCodec;
export function codecFor(era: 'modern'): StatelessCodec;
export function codecFor(era: Era): Codec;
export function codecFor(era: Era): Codec {
  return CODECS[era];
}
