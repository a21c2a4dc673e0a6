import type { Clock } from '../core/clock.js';
import type { GatewayError } from '../core/errors.js';
import type { Events } from '../core/events.js';
import type { Era } from '../core/peer.js';
import type { Incoming } from '../protocol/index.js';
import type { Behalf } from './behalf.js';
import type { Credentials } from './credentials/credentials.js';
import type { ServerSettings } from './server-settings.js';

/**
 * One open connection to one server, as a transport gives it: frames out, messages in. It knows no
 * methods and keeps no calls; ids matter to it only where the transport itself ties a reply to a
 * request.
 */
export interface Wire {
  /** Whether the transport says on behalf of which request a message came. Certain once a request was answered. */
  readonly knowsOrigin: boolean;
  /** Whether the server handed out a session id, and so may keep something for each of its clients. */
  readonly hasSession: boolean;
  /**
   * Sends one message.
   *
   * @param requestId of a request, so that the transport can say what became of it
   * @param headers what is said of it beside the frame, by transports that have a place for that
   * @param behalf on whose behalf it is sent, where anybody stands behind it and the transport can show that
   * @throws `upstream_unavailable` or `upstream_overloaded`, as `UnsentError`: nothing was sent
   */
  send(frame: Buffer, requestId?: number, headers?: Readonly<Record<string, string>>, behalf?: Behalf): void;
  /** Nobody waits for this request any more: what the transport holds for it is let go. */
  abandon(requestId: number): void;
  /** The revision that was agreed on: transports that must say it in every message do so from now on. */
  negotiated(revision: string): void;
  /**
   * Reads no more of what comes for this request, or no more at all where none is named, until `resume`: the server
   * has to wait. What was read before, one read at most, may still come. A wire that cannot read for one request
   * alone takes no notice of a pause for one.
   */
  pause(requestId?: number): void;
  resume(requestId?: number): void;
  /** Resolves when everything sent so far has left and the server may begin to speak on its own. */
  introduced(): Promise<void>;
  /** Ends the connection, and whatever was started for it. Never rejects; `closed` is not called for it. */
  close(): Promise<void>;
}

/** Who hears what a wire brings. Nothing is called after `closed`, nor after `close()` of the wire. */
export interface WireListener {
  /** @param origin the request on whose behalf it came, where the transport knows */
  message(incoming: Incoming, origin: number | undefined): void;
  /** One request failed, the wire itself is well. `UnsentError` when the server certainly never saw it. */
  failed(requestId: number, error: GatewayError): void;
  /** The wire takes no more frames. What was sent may still be answered; `closed` follows. */
  ending(error: GatewayError): void;
  /** The wire broke: nothing sent and unanswered will be answered. */
  closed(error: GatewayError): void;
}

/** All that is known of a server before it was reached. */
export interface ServerContext {
  readonly settings: ServerSettings;
  readonly clock: Clock;
  readonly events: Events;
  /** What the server is shown that changes with time or with whoever asks. */
  readonly credentials?: Credentials | undefined;
}

/** What a transport is given to open a wire. */
export interface WireContext extends ServerContext {
  /** In whose words the wire is spoken on first. Where an era is no matter of the transport it may change. */
  readonly era: Era;
  /** Whether the server may ask clients something on it: its requests may then wait for people. */
  readonly mayAsk?: boolean;
  /** Who has the wire for itself, as long as that is one and the same; undefined where everybody shares it. */
  readonly owner?: { readonly holder: Behalf | undefined };
}
