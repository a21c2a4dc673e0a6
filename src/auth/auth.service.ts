import { Injectable } from '@nestjs/common';

import { ANONYMOUS, type Principal } from '../core/principal.js';
import type { Credentials, Destination } from './credentials.js';

/**
 * The one place where it is decided who is asking: guards, the Streamable HTTP data path and the
 * WebSocket upgrade all call it, before they read a body or open a connection.
 *
 * As long as no auth method is configured everybody is `ANONYMOUS`.
 */
@Injectable()
export class AuthService {
  /**
   * A plain principal where the answer is at hand, so that the data path waits for nothing.
   *
   * @throws `auth_required`, `auth_invalid`, `auth_throttled`, `auth_unavailable`; as `HeaderedError` with the challenge
   */
  authenticate(_request: Credentials, _to: Destination): Principal | Promise<Principal> {
    return ANONYMOUS;
  }
}
