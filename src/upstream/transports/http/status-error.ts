import { GatewayError } from '../../../core/errors.js';

/** The HTTP status that an upstream answered with, as the cause of one of our failures. */
export class StatusError extends Error {
  override readonly name = 'StatusError';

  constructor(readonly status: number) {
    super(`HTTP ${status}`);
  }
}

/** Said of the credentials or of the load, whatever the transport. */
const NOT_OF_THE_TRANSPORT = new Set([401, 403, 429]);

const BUSY = new Set([429, 502, 503, 504]);

/** Said of our credentials. What they are and what is wrong with them is nothing that a client is to know. */
const OF_CREDENTIALS = new Set([401, 403]);

/**
 * What a status other than success comes to. Nothing of the body is ever passed on, nor of its headers.
 *
 * @returns `upstream_unavailable` where the server may do better later or does not let us in, else `upstream_protocol_error`
 */
export function statusFailure(status: number): GatewayError {
  const cause = new StatusError(status);
  if (OF_CREDENTIALS.has(status)) {
    return new GatewayError('upstream_unavailable', 'the server does not let the gateway in', {}, { cause });
  }
  return BUSY.has(status)
    ? new GatewayError('upstream_unavailable', 'the server cannot take requests now', { status }, { cause })
    : new GatewayError('upstream_protocol_error', 'the server refused the request', { status }, { cause });
}

/** Whether somebody refused with a status that a server of the older transport would refuse `initialize` with. */
export function saysOlderTransport(error: GatewayError): boolean {
  const { cause } = error;
  if (!(cause instanceof StatusError)) return false;
  const { status } = cause;
  return status >= 400 && status < 500 && !NOT_OF_THE_TRANSPORT.has(status);
}

/** Whether somebody refused what was shown to it. Nothing was carried out. */
export function saysUnauthorized({ cause }: GatewayError): boolean {
  return cause instanceof StatusError && cause.status === 401;
}

/** Whether somebody does not let us in, or not to what was asked for. Nothing was carried out. */
export function saysForbidden({ cause }: GatewayError): boolean {
  return cause instanceof StatusError && OF_CREDENTIALS.has(cause.status);
}

/** Whether somebody takes no message that way, whatever it is. Nothing was carried out. */
export function takesNoMessages({ cause }: GatewayError): boolean {
  return cause instanceof StatusError && cause.status === 405;
}

/** Whether somebody knows nothing of the messages that it was introduced with. Nothing was carried out. */
export function saysOtherEra({ cause }: GatewayError): boolean {
  return cause instanceof StatusError && (cause.status === 404 || cause.status === 405);
}
