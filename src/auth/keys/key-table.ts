import { isSameGrant, principalOf, type Principal } from '../../core/principal.js';
import { AuthRefusal } from '../auth-refusal.js';
import type { ApiKeyConfig } from '../section/api-key.shape.js';
import { digestOf } from './key-digest.js';

/** The digests that principals were found by. */
const digests = new WeakMap<Principal, string>();

/**
 * API keys by their digests. What is looked up is a digest of what was sent, so the time that takes tells nothing of
 * the keys there are.
 */
export class KeyTable {
  private readonly principals: ReadonlyMap<string, Principal>;

  constructor(rows: readonly ApiKeyConfig[]) {
    this.principals = new Map(rows.map((row) => [row.sha256.toLowerCase(), principalOfKey(row)]));
    for (const [digest, principal] of this.principals) digests.set(principal, digest);
  }

  /** Whether the key that another table had for a principal is in this one, for the same. */
  stands(principal: Principal): boolean {
    const digest = digests.get(principal);
    const known = digest === undefined ? undefined : this.principals.get(digest);
    return known !== undefined && isSameGrant(known, principal);
  }

  /** @param wallMs milliseconds since 1970 @throws AuthRefusal */
  find(key: string, wallMs: number): Principal {
    const principal = this.principals.get(digestOf(key));
    if (!principal) throw new AuthRefusal('unknown');
    if (principal.expiresAt !== undefined && principal.expiresAt <= wallMs) throw new AuthRefusal('expired');
    return principal;
  }
}

function principalOfKey({ name, roles, scopes, tenant, expires }: ApiKeyConfig): Principal {
  const expiresAt = expires === undefined ? undefined : Date.parse(expires);
  return principalOf({ method: 'api_key', subject: name, roles, scopes, tenant, expiresAt });
}
