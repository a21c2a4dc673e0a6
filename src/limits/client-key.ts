import { hash } from 'node:crypto';

import { ANONYMOUS, type Principal, principalKey } from '../core/principal.js';
import { subnetOf } from '../core/subnet.js';
import type { KeyStrategy } from './rate-limiting.section.js';

/** What an auth method is called that knows clients by their keys. */
const API_KEY = 'api_key';

const digests = new WeakMap<Principal, string>();
const tenants = new WeakMap<Principal, string>();

/** What a client is counted under: no two clients share one, whatever they call themselves. */
export function clientKey(strategy: KeyStrategy, principal: Principal, clientAddress: string): string {
  switch (strategy) {
    case 'ip_address':
      break;
    case 'user_id':
      if (principal.method !== ANONYMOUS.method) return userKey(principal);
      break;
    case 'api_key':
      if (principal.method === API_KEY) return userKey(principal);
      break;
    case 'tenant':
      if (principal.tenant !== undefined) return tenantKey(principal, principal.tenant);
      break;
  }
  return `a:${subnetOf(clientAddress)}`;
}

function userKey(principal: Principal): string {
  return remembered(digests, principal, () => `u:${digestOf(principalKey(principal))}`);
}

/** Tenants of one name are two where two issuers speak of them. */
function tenantKey(principal: Principal, tenant: string): string {
  return remembered(tenants, principal, () => `t:${digestOf(JSON.stringify([principal.issuer, tenant]))}`);
}

/** The names of people have no business in a store, and may be of any length. */
function digestOf(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22);
}

function remembered(known: WeakMap<Principal, string>, principal: Principal, make: () => string): string {
  let key = known.get(principal);
  if (key === undefined) known.set(principal, (key = make()));
  return key;
}
