import { createPublicKey, type KeyObject } from 'node:crypto';

import { isObject, type JsonObject } from '../../core/json.js';

/** A public key, and what it may be used for. */
export interface VerificationKey {
  readonly key: KeyObject;
  /** The one algorithm that whoever published the key says it is for. */
  readonly algorithm: string | undefined;
}

const MIN_RSA_BITS = 2_048;
const CURVES: Readonly<Record<string, string>> = { ES256: 'prime256v1', ES384: 'secp384r1', ES512: 'secp521r1' };

/** Whether a signature of an algorithm can be verified with a key: an algorithm never goes with a key of another kind. */
export function fits({ key, algorithm }: VerificationKey, wanted: string): boolean {
  if (algorithm !== undefined && algorithm !== wanted) return false;
  const kind = key.asymmetricKeyType;
  if (wanted.startsWith('RS') || wanted.startsWith('PS')) return kind === 'rsa';
  if (wanted.startsWith('ES')) return kind === 'ec' && key.asymmetricKeyDetails?.namedCurve === CURVES[wanted];
  return wanted === 'EdDSA' && (kind === 'ed25519' || kind === 'ed448');
}

/** A key of a JWKS. Undefined where it is none to verify signatures with, or not public. */
export function keyOfJwk(jwk: unknown): VerificationKey | undefined {
  if (!isObject(jwk)) return undefined;
  const { kty, use, key_ops: operations, alg, d } = jwk;
  // A symmetric key must not be published, and one that is verifies nothing.
  if (typeof kty !== 'string' || kty === 'oct' || d !== undefined) return undefined;
  if (use !== undefined && use !== 'sig') return undefined;
  if (Array.isArray(operations) && !operations.includes('verify')) return undefined;
  if (alg !== undefined && typeof alg !== 'string') return undefined;
  return keyOf(() => createPublicKey({ key: jwk, format: 'jwk' }), alg);
}

/** A key as configuration has it: PEM (a public key or a certificate) or JWK. Undefined where it cannot be read. */
export function keyOfText(text: string): VerificationKey | undefined {
  const trimmed = text.trim();
  if (trimmed.startsWith('{')) return keyOfJwk(parsed(trimmed));
  return /-----BEGIN (RSA )?(PUBLIC KEY|CERTIFICATE)-----/.test(trimmed)
    ? keyOf(() => createPublicKey(trimmed), undefined)
    : undefined;
}

function keyOf(read: () => KeyObject, algorithm: string | undefined): VerificationKey | undefined {
  try {
    const key = read();
    const bits = key.asymmetricKeyDetails?.modulusLength;
    return bits !== undefined && bits < MIN_RSA_BITS ? undefined : { key, algorithm };
  } catch {
    return undefined;
  }
}

function parsed(text: string): JsonObject | undefined {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return undefined;
  }
}
