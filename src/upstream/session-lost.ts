import type { ErrorCode } from '../core/error-table.js';
import { UnsentError } from '../core/errors.js';

/** The server does not know our session any more, and so did not take the request: on a new session it may be sent again. */
export class SessionLostError extends UnsentError {
  constructor(
    cause?: unknown,
    code: ErrorCode = 'upstream_unavailable',
    message = 'the server does not know the session any more',
  ) {
    super(code, message, {}, { cause });
  }
}

/**
 * The server does not speak any more what it spoke when it was introduced, and so did not take the request: once it
 * was introduced anew it may be sent again.
 */
export class RevisionLostError extends SessionLostError {
  constructor(cause?: unknown) {
    super(cause, 'upstream_protocol_error', 'the server does not speak the agreed revision any more');
  }
}
