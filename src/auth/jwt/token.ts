import { isObject, type JsonObject } from '../../core/json.js';
import { AuthRefusal } from '../auth-refusal.js';

/** A signed token before anything in it is believed. */
export interface Token {
  readonly text: string;
  readonly algorithm: string;
  readonly keyId: string | undefined;
  /** The `iss` that it names, to find the keys to verify it with. */
  readonly issuer: string | undefined;
}

const MAX_KEY_ID = 256;

/**
 * Takes a compact JWS apart. Keys and addresses that a header offers (`jwk`, `jku`, `x5c`, `x5u`) are not even looked
 * at; an extension that is declared critical is one that we do not know.
 *
 * @throws AuthRefusal
 * @see https://www.rfc-editor.org/rfc/rfc8725
 */
export function readToken(text: string): Token {
  const parts = text.split('.');
  // An encrypted token has five parts.
  if (parts.length !== 3 || !parts.every(isCanonical)) throw new AuthRefusal('malformed');
  const header = jsonOf(parts[0]!);
  const claims = jsonOf(parts[1]!);
  const { alg, kid, crit, b64, enc, zip } = own(header);
  if (typeof alg !== 'string') throw new AuthRefusal('algorithm');
  if ([crit, b64, enc, zip].some((member) => member !== undefined)) throw new AuthRefusal('malformed');
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > MAX_KEY_ID)) throw new AuthRefusal('signing_key');
  const { iss } = own(claims);
  return { text, algorithm: alg, keyId: kid, issuer: typeof iss === 'string' ? iss : undefined };
}

/** The claims of a token. To be asked only once its signature was verified. @throws AuthRefusal */
export function claimsOf({ text }: Token): JsonObject {
  return jsonOf(text.split('.')[1]!);
}

/** Base64url as there is only one of: no other spelling of a token is that token. */
function isCanonical(part: string): boolean {
  return part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part;
}

function jsonOf(part: string): JsonObject {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url')));
    if (isObject(value)) return value;
  } catch {
    // Said below.
  }
  throw new AuthRefusal('malformed');
}

/** Members by name, none of them inherited. */
function own(object: JsonObject): JsonObject {
  return Object.assign(Object.create(null) as JsonObject, object);
}
