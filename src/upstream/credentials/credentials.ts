import type { ErrorCode } from '../../core/error-table.js';
import { UnsentError } from '../../core/errors.js';
import type { Principal } from '../../core/principal.js';

/** What a server is shown: the same object for as long as it is the same token. */
export type CredentialHeaders = Readonly<Record<string, string>>;

/** What one server is shown so that it answers: for every message over HTTP, for a connection elsewhere. */
export interface Credentials {
  /**
   * At once where a token is at hand.
   *
   * @param principal on whose behalf it is sent; undefined for the gateway's own requests
   * @throws CredentialsError, in whichever way
   */
  headersFor(principal: Principal | undefined): CredentialHeaders | Promise<CredentialHeaders>;
  /**
   * The server did not accept these. Returns whether others can be asked for: not again and again where a server
   * accepts none.
   */
  refused(headers: CredentialHeaders, principal: Principal | undefined): boolean;
}

/** There is nothing to show the server, so nothing was sent. It says nothing of the server, and another has no use for it. */
export class CredentialsError extends UnsentError {
  constructor(message: string, code: ErrorCode = 'upstream_unavailable', cause?: unknown) {
    super(code, message, {}, { cause });
  }
}
