import { isObject } from '../../core/json.js';
import type { CredentialHeaders } from './credentials.js';

/** How long a token is taken to last whose server does not say. */
const UNSAID_MS = 300_000;
const LONGEST_MS = 24 * 3_600_000;
/** How long before its end a token is not used any more: it has to arrive in time. */
const MARGIN_MS = 5_000;
const MARGIN_SHARE = 0.1;
/** What part of its time a token is used before another is asked for: somewhere between, so that not all do at once. */
const EARLIEST = 0.7;
const SPREAD = 0.15;

const MAX_LENGTH = 16_384;
/** RFC 6750, section 2.1. */
const SENDABLE = /^[A-Za-z0-9\-._~+/]+=*$/;

/** A token as it was issued. It shows itself nowhere but in its headers. */
export interface IssuedToken {
  readonly headers: CredentialHeaders;
  /** From when on another is asked for, while this one is still used. Monotonic milliseconds. */
  readonly refreshAt: number;
  /** From when on it is not used any more. Monotonic milliseconds. */
  readonly expiresAt: number;
}

/**
 * The token in the answer of a token endpoint; undefined where it is none that can be used.
 *
 * @param random a number from 0 up to 1
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.1
 */
export function readToken(answer: unknown, now: number, random: number): IssuedToken | undefined {
  if (!isObject(answer)) return undefined;
  const { access_token: token, token_type: type, expires_in: seconds } = answer;
  if (typeof token !== 'string' || token.length > MAX_LENGTH || !SENDABLE.test(token)) return undefined;
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') return undefined;
  const said = Number(seconds);
  const lifetime = Math.min(said > 0 ? said * 1_000 : UNSAID_MS, LONGEST_MS);
  return {
    headers: Object.freeze({ authorization: `Bearer ${token}` }),
    refreshAt: now + lifetime * (EARLIEST + SPREAD * random),
    expiresAt: now + lifetime - Math.min(MARGIN_MS, lifetime * MARGIN_SHARE),
  };
}
