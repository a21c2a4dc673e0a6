import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

import type { JsonObject } from './json.js';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Every kind of value that is handed out and expected back. One kind can never be replayed as another. */
export type SealedKind = 'session' | 'cursor';

/**
 * Values that a client carries for us: encrypted, authenticated, and bound to their kind and to
 * whoever they were given to (AES-256-GCM; the kind and the binding are its associated data).
 */
export class Sealer {
  private readonly key: Buffer;

  /** @param secret at least 32 bytes; every process that shares it can open what another sealed */
  constructor(secret: Buffer) {
    if (secret.length < 32) throw new RangeError('a sealing secret has at least 32 bytes');
    this.key = Buffer.from(hkdfSync('sha256', secret, '', 'mcp-gateway sealed values', 32));
  }

  /** @param binding whoever opens it must name the same: the principal, say */
  seal(kind: SealedKind, binding: string, value: JsonObject): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv).setAAD(associated(kind, binding));
    const body = Buffer.concat([cipher.update(JSON.stringify(value)), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url');
  }

  /** The value, or undefined when this is not ours, not whole, of another kind or bound to somebody else. */
  open(kind: SealedKind, binding: string, sealed: string): JsonObject | undefined {
    const bytes = Buffer.from(sealed, 'base64url');
    // Decoding forgives trailing junk; we do not.
    if (bytes.length <= IV_BYTES + TAG_BYTES || bytes.toString('base64url') !== sealed) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', this.key, bytes.subarray(0, IV_BYTES))
      .setAAD(associated(kind, binding))
      .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    try {
      const body = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
      return JSON.parse(body.toString()) as JsonObject;
    } catch {
      return undefined;
    }
  }
}

function associated(kind: SealedKind, binding: string): Buffer {
  return Buffer.from(JSON.stringify([kind, binding]));
}
