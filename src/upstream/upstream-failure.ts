import { GatewayError, UnsentError } from '../core/errors.js';
import { SessionLostError } from './session-lost.js';
import { CredentialsError } from './credentials/credentials.js';
import { saysForbidden, StatusError } from './transports/http/status-error.js';

/**
 * Whether a failure says something against the server: it could not be reached, did not answer in time,
 * broke the connection or the protocol, answered HTTP 5xx. Our own limits, cancelled requests, lost sessions, tokens
 * that could not be had and HTTP 4xx do not.
 */
export function speaksAgainstServer(error: GatewayError): boolean {
  if (error instanceof SessionLostError || error instanceof CredentialsError) return false;
  if (error.cause instanceof StatusError && error.cause.status < 500) return false;
  return (
    error.code === 'upstream_unavailable' ||
    error.code === 'upstream_timeout' ||
    (error.code === 'upstream_protocol_error' && !(error instanceof UnsentError))
  );
}

/** Whether a server that could be reached went away again: a child that ended, a connection that was closed. */
export function wentAway(error: GatewayError): boolean {
  return (
    error.code === 'upstream_unavailable' && !(error instanceof UnsentError) && !(error.cause instanceof StatusError)
  );
}

/** What to tell an operator: our own words, and the system's short code where there is one. */
export function reasonOf(error: GatewayError): string {
  const cause = error.cause;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]{2,40}$/.test(code) ? `${error.message} (${code})` : error.message;
}

/** Says that the request may have been carried out all the same: who sends it again should know. */
export function withDoubt(error: GatewayError): GatewayError {
  if (error instanceof UnsentError || saysForbidden(error)) return error;
  if (error.traits.blame !== 'upstream' || error.code === 'upstream_overloaded') return error;
  return new GatewayError(error.code, error.message, { ...error.data, maybeExecuted: true }, { cause: error });
}
