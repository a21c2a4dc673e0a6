import { UnsentError } from '../core/errors.js';

/** The server does not know our session any more, and so did not take the request: on a new session it may be sent again. */
export class SessionLostError extends UnsentError {
  constructor(cause?: unknown) {
    super('upstream_unavailable', 'the server does not know the session any more', {}, { cause });
  }
}
