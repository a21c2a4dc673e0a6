import { Injectable } from '@nestjs/common';

import { ANONYMOUS, type Principal } from '../core/principal.js';

/** As much of a request as tells who is asking. Never its query string: tokens do not belong into URLs. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * The one place where it is decided who is asking: guards, the Streamable HTTP data path and the
 * WebSocket upgrade all call it, before they read a body or open a connection.
 *
 * As long as no auth method is configured everybody is `ANONYMOUS`.
 */
@Injectable()
export class AuthService {
  /** A plain principal where the answer is at hand, so that the data path waits for nothing. */
  authenticate(_request: Credentials): Principal | Promise<Principal> {
    return ANONYMOUS;
  }
}
