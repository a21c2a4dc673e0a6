import { ANONYMOUS, principalOf } from '../core/principal.js';
import { clientKey } from './client-key.js';

const ALICE = principalOf({ method: 'jwt', issuer: 'https://a', subject: 'alice', tenant: 'acme' });
const KEY = principalOf({ method: 'api_key', subject: 'ci' });

describe('what a client is counted under', () => {
  it('is its address, whoever it is, and the network of one where it has plenty', () => {
    expect(clientKey('ip_address', ALICE, '192.0.2.1')).toBe('a:192.0.2.1');
    expect(clientKey('ip_address', KEY, '192.0.2.1')).toBe('a:192.0.2.1');
    expect(clientKey('ip_address', KEY, '2001:db8::1')).toBe(clientKey('ip_address', ALICE, '2001:db8::ffff'));
  });

  it('is the user, from wherever and with whatever credential', () => {
    const again = principalOf({ ...ALICE, roles: ['admin'], expiresAt: 1 });
    expect(clientKey('user_id', again, '192.0.2.2')).toBe(clientKey('user_id', ALICE, '192.0.2.1'));
    expect(clientKey('user_id', KEY, '192.0.2.1')).not.toBe(clientKey('user_id', ALICE, '192.0.2.1'));
    expect(clientKey('user_id', ALICE, '192.0.2.1')).not.toContain('alice');
  });

  it('is the API key, and the address of those without one', () => {
    expect(clientKey('api_key', KEY, '192.0.2.1')).toBe(clientKey('user_id', KEY, '192.0.2.9'));
    expect(clientKey('api_key', ALICE, '192.0.2.1')).toBe('a:192.0.2.1');
  });

  it('is the tenant, which two issuers may call alike and mean another', () => {
    const bob = principalOf({ ...ALICE, subject: 'bob' });
    const stranger = principalOf({ ...ALICE, issuer: 'https://b' });
    expect(clientKey('tenant', bob, '192.0.2.1')).toBe(clientKey('tenant', ALICE, '192.0.2.2'));
    expect(clientKey('tenant', stranger, '192.0.2.1')).not.toBe(clientKey('tenant', ALICE, '192.0.2.1'));
  });

  it.each(['user_id', 'api_key', 'tenant'] as const)('is the address of who has no %s', (strategy) => {
    expect(clientKey(strategy, ANONYMOUS, '192.0.2.1')).toBe('a:192.0.2.1');
  });

  it('cannot be forged by a name that looks like another key', () => {
    const forger = principalOf({ method: 'jwt', subject: 'a:192.0.2.1' });
    expect(clientKey('user_id', forger, '192.0.2.9')).toMatch(/^u:[\w-]{22}$/);
  });
});
