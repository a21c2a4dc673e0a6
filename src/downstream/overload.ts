import { GatewayError } from '../core/errors.js';

/** When a client may try again. Milliseconds. */
const RETRY_AFTER_MS = 1_000;

/** Why nothing new is taken from anybody. */
export function draining(): GatewayError {
  return new GatewayError('gateway_draining', 'the gateway is stopping', { retryAfterMs: RETRY_AFTER_MS });
}

/** Why nothing new is taken from one client. */
export function tooMany(): GatewayError {
  return new GatewayError('limit_in_flight', 'too many requests in flight', { retryAfterMs: RETRY_AFTER_MS });
}
