import { isDeepStrictEqual } from 'node:util';

import type { JsonObject } from './json.js';

/** Who is asking, vouched for by an auth method. Frozen: one object for one credential, as long as that is remembered. */
export interface Principal {
  /** The auth method that vouches, or `anonymous`. */
  readonly method: string;
  /** Who vouched for the method, where there may be several: the issuer of a token. */
  readonly issuer: string | undefined;
  /** Stable within method and issuer. Sessions, cursors and limits are bound to it. */
  readonly subject: string;
  readonly roles: readonly string[];
  /** What the credential was issued for (OAuth). Empty where the method knows no scopes. */
  readonly scopes: readonly string[];
  readonly tenant: string | undefined;
  /** What else was vouched for, for policies to read. Never logged, never sent to anybody. */
  readonly claims: JsonObject;
  /** Milliseconds since 1970 after which the credential is no longer good. Undefined where it has no end. */
  readonly expiresAt: number | undefined;
}

/** A principal of which only so much is known. */
export function principalOf(
  known: Pick<Principal, 'method' | 'subject'> & Partial<Omit<Principal, 'method' | 'subject'>>,
): Principal {
  const { method, issuer, subject, roles = [], scopes = [], tenant, claims = {}, expiresAt } = known;
  return Object.freeze({
    method,
    issuer,
    subject,
    roles: Object.freeze([...roles]),
    scopes: Object.freeze([...scopes]),
    tenant,
    claims: Object.freeze(claims),
    expiresAt,
  });
}

/** Whoever asks without having to say who that is. */
export const ANONYMOUS: Principal = principalOf({ method: 'anonymous', subject: 'anonymous' });

const keys = new WeakMap<Principal, string>();

/**
 * One string for one principal: what sessions and sealed values are bound to. Roles and scopes are no part of it,
 * so that a fresh token of the same subject goes on where the last one stopped; the tenant is.
 */
export function principalKey(principal: Principal): string {
  const known = keys.get(principal);
  if (known !== undefined) return known;
  const { method, issuer, subject, tenant } = principal;
  const key = JSON.stringify([method, issuer, subject, tenant]);
  keys.set(principal, key);
  return key;
}

/** Whether two credentials stand for the same in everything: who it is, what they may do, and until when. */
export function isSameGrant(one: Principal, other: Principal): boolean {
  return one === other || isDeepStrictEqual(one, other);
}

/** Whether two principals are the same one, whatever credential each of them came with. */
export function isSamePrincipal(one: Principal, other: Principal): boolean {
  return one === other || principalKey(one) === principalKey(other);
}
