import { principalOf, type Principal } from '../../core/principal.js';
import { AuthRefusal } from '../auth-refusal.js';
import type { ApiKeyConfig } from '../section/api-key.shape.js';
import { digestOf } from './key-digest.js';

/**
 * API keys by their digests. What is looked up is a digest of what was sent, so the time that takes tells nothing of
 * the keys there are.
 */
export class KeyTable {
  private readonly principals: ReadonlyMap<string, Principal>;

  constructor(rows: readonly ApiKeyConfig[]) {
    this.principals = new Map(rows.map((row) => [row.sha256.toLowerCase(), principalOfKey(row)]));
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
