import { HeaderedError } from '../../core/errors.js';
import { challenge } from '../challenge.js';

/**
 * Why a known principal is not let through: its credential was issued for less than this needs. May be thrown by
 * filters: over HTTP the answer is a 403 whose challenge names what to ask the authorization server for; what the
 * route needs anyway, and where its metadata is, is added where the request came in.
 *
 * @param scopes all that are needed for the request, not only those that are missing
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization#runtime-insufficient-scope-errors
 */
export function insufficientScope(route: string, scopes: readonly string[]): HeaderedError {
  return new HeaderedError(
    'auth_insufficient_scope',
    'the credential was not issued for this',
    { 'www-authenticate': challenge('Bearer', { error: 'insufficient_scope', scope: scopes.join(' ') }) },
    { route, scopes: [...scopes] },
  );
}
