import type { Clock } from '../../../core/clock.js';
import type { GatewayError } from '../../../core/errors.js';
import type { WireListener } from '../../wire.js';
import type { Inbound } from '../inbound.js';
import type { CredentialHeaders } from '../../credentials/credentials.js';
import type { Headers, HttpSession } from './http-session.js';

/** An HTTP exchange that can be broken off. */
export interface Abandonable {
  abandon(): void;
}

/** The wire, as the HTTP exchanges on it see it. */
export interface HttpHost {
  readonly session: HttpSession;
  readonly inbound: Inbound;
  readonly listener: WireListener;
  readonly maxBytes: number;
  readonly clock: Clock;
  /** Whether nothing more can be sent. */
  readonly isEnding: boolean;
  /** Whether nothing at all is to be read now. */
  readonly isPaused: boolean;
  /**
   * Calls back with these headers and what shows on whose behalf the wire is spoken on: at once where that is at hand.
   *
   * @param send is told apart what of it are credentials that may be others another time
   */
  authorized(
    headers: Headers,
    send: (headers: Headers, credential?: CredentialHeaders) => void,
    failed: () => void,
  ): void;
  /** The server did not accept these. Whether there can be others. */
  refused(credential: CredentialHeaders | undefined): boolean;
  /** Continues the stream of a request behind the last event that came. */
  continue(lastEventId: string, requestId: number): void;
  /** A request has its reply. @param streaming whether it came on a stream, which may still be open */
  replied(requestId: number, streaming: boolean): void;
  /** Nothing more comes for a request that is over. */
  finished(post: Abandonable): void;
  failed(requestId: number, error: GatewayError): void;
  /** One notification has been taken, or lost. */
  noticed(): void;
  /** A message that nobody can use was thrown away. */
  dropped(why: string): void;
  /** The session is lost or the server is away: nothing more is sent, what was sent may still be answered. */
  end(reason: GatewayError): void;
}
