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
  return ownKey(strategy, principal) ?? addressKey(clientAddress);
}

/** What a client is counted under wherever it comes from. Undefined for one that counts as its address. */
export function ownKey(strategy: KeyStrategy, principal: Principal): string | undefined {
  switch (strategy) {
    case 'user_id':
      return principal.method === ANONYMOUS.method ? undefined : userKey(principal);
    case 'api_key':
      return principal.method === API_KEY ? userKey(principal) : undefined;
    case 'tenant':
      return principal.tenant === undefined ? undefined : tenantKey(principal, principal.tenant);
    case 'ip_address':
      return undefined;
    default:
      return strategy satisfies never;
  }
}

/** What a client is counted under that is known by nothing but its address. */
export function addressKey(clientAddress: string): string {
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
