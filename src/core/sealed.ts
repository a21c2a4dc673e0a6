import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

import type { JsonObject } from './json.js';
import { KeyRing, type SealingKey } from './key-ring.js';

const PREFIX = 'gw1.';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Every kind of value that is handed out and expected back. One kind can never be replayed as another. */
export type SealedKind = 'session' | 'cursor' | 'task' | 'state' | 'waybill';

/**
 * Values that a client carries for us: encrypted, authenticated, and bound to their kind and to
 * whoever they were given to (AES-256-GCM; the kind and the binding are its associated data). They read
 * `gw1.KEY.SEALED`, where KEY names the key, so that opening one is a single try.
 */
export class Sealer {
  private ring: KeyRing;

  /** @param secrets of at least 32 bytes: the first seals, all of them open, in every process that has them */
  constructor(...secrets: readonly Buffer[]) {
    this.ring = new KeyRing(secrets);
  }

  /** Takes other secrets from now on. What was sealed with one that is not among them does not open any more. */
  changeSecrets(...secrets: readonly Buffer[]): void {
    this.ring = new KeyRing(secrets);
  }

  /** @param binding whoever opens it must name the same: the principal, say */
  seal(kind: SealedKind, binding: string, value: JsonObject): string {
    return sealedWith(this.ring.first, randomBytes(IV_BYTES), associated(kind, binding), JSON.stringify(value));
  }

  /**
   * As `seal`, but the same value of the same kind and binding always looks the same while the first secret stays,
   * so that whoever carries it can compare it. The members of the value must come in the same order.
   */
  sealSame(kind: SealedKind, binding: string, value: JsonObject): string {
    const key = this.ring.first;
    const text = JSON.stringify(value);
    const said = associated(kind, binding);
    // What is sealed decides on the vector: no vector ever serves two different texts, however many there are.
    const vector = createHmac('sha256', key.vectors).update(`${said.length}:`).update(said).update(text).digest();
    return sealedWith(key, vector.subarray(0, IV_BYTES), said, text);
  }

  /** The value, or undefined when this is not ours, not whole, of another kind or bound to somebody else. */
  open(kind: SealedKind, binding: string, sealed: string): JsonObject | undefined {
    const key = this.keyOf(sealed);
    if (!key) return undefined;
    const text = sealed.slice(sealed.lastIndexOf('.') + 1);
    const bytes = Buffer.from(text, 'base64url');
    // Decoding forgives trailing junk; we do not.
    if (bytes.length <= IV_BYTES + TAG_BYTES || bytes.toString('base64url') !== text) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', key.cipher, bytes.subarray(0, IV_BYTES))
      .setAAD(associated(kind, binding))
      .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    try {
      const body = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
      return JSON.parse(body.toString()) as JsonObject;
    } catch {
      return undefined;
    }
  }

  /** Whether the key that it names is one of ours: what it names no key of does not open. */
  hasKeyOf(sealed: string): boolean {
    return this.keyOf(sealed) !== undefined;
  }

  private keyOf(sealed: string): SealingKey | undefined {
    if (!sealed.startsWith(PREFIX)) return undefined;
    return this.ring.find(sealed.slice(PREFIX.length, sealed.lastIndexOf('.')));
  }
}

function sealedWith(key: SealingKey, iv: Buffer, said: Buffer, text: string): string {
  const cipher = createCipheriv('aes-256-gcm', key.cipher, iv).setAAD(said);
  const body = Buffer.concat([cipher.update(text), cipher.final()]);
  return `${PREFIX}${key.id}.${Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')}`;
}

function associated(kind: SealedKind, binding: string): Buffer {
  return Buffer.from(JSON.stringify([kind, binding]));
}
