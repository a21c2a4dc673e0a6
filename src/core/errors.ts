import { ERROR_TABLE, type ErrorCode, type ErrorTraits } from './error-table.js';
import type { JsonObject } from './json.js';
import { errorReply, type McpError } from './message.js';
import type { Era } from './peer.js';

/**
 * Something the gateway itself could not do.
 *
 * What an upstream answers is never one of these, not even when it answers an error: that is a reply,
 * and replies are relayed.
 */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';

  /**
   * @param detail goes to the client as it is: no host name, path, payload or secret
   * @param data stands beside `reason` in `error.data`, under the same rule
   */
  constructor(
    readonly code: ErrorCode,
    detail: string,
    readonly data: JsonObject = {},
    options?: ErrorOptions,
  ) {
    super(detail, options);
  }

  /** What was thrown, as one of ours: anything unforeseen is `gateway_fault` and keeps its cause. */
  static from(thrown: unknown): GatewayError {
    return thrown instanceof GatewayError
      ? thrown
      : new GatewayError('gateway_fault', 'internal error', {}, { cause: thrown });
  }

  get traits(): ErrorTraits {
    return ERROR_TABLE[this.code];
  }

  /** The failure as a reply in the words of an era. */
  toReply(era: Era): McpError {
    return errorReply(this.traits[era].rpc, this.message, { reason: this.code, ...this.data });
  }
}

/** A failure that has something to say in HTTP headers, where the downstream's leg has any. */
export class HeaderedError extends GatewayError {
  /** @param headers by name in small letters */
  constructor(
    code: ErrorCode,
    detail: string,
    readonly headers: Readonly<Record<string, string>>,
    data: JsonObject = {},
  ) {
    super(code, detail, data);
  }
}

/** What a failure says in HTTP headers. */
export function headersOf(error: GatewayError | undefined): Readonly<Record<string, string>> {
  return error instanceof HeaderedError ? error.headers : {};
}

/** The downstream wants no reply any more. */
export class CancelledError extends GatewayError {
  /** @param reason the downstream's own words, which are for the upstream alone */
  constructor(readonly reason?: string) {
    super('exchange_cancelled', 'the request was cancelled');
  }
}

/**
 * Thrown below the group when a request certainly never reached its server (refused connection, closed
 * before the bytes were written, a session the server does not know): the only case in which any
 * method may be sent again.
 */
export class UnsentError extends GatewayError {}
