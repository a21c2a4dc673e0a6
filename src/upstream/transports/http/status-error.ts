import { GatewayError } from '../../../core/errors.js';

/** The HTTP status that an upstream answered with, as the cause of one of our failures. */
export class StatusError extends Error {
  override readonly name = 'StatusError';

  constructor(readonly status: number) {
    super(`HTTP ${status}`);
  }
}

const BUSY = new Set([429, 502, 503, 504]);

/**
 * What a status other than success comes to. Nothing of the body is ever passed on.
 *
 * @returns `upstream_unavailable` where the server may do better later, else `upstream_protocol_error`
 */
export function statusFailure(status: number): GatewayError {
  const cause = new StatusError(status);
  return BUSY.has(status)
    ? new GatewayError('upstream_unavailable', 'the server cannot take requests now', { status }, { cause })
    : new GatewayError('upstream_protocol_error', 'the server refused the request', { status }, { cause });
}
