import type { Flow } from '../core/flow.js';
import type { JsonObject } from '../core/json.js';
import type { InterimMessage } from '../core/message.js';
import type { Principal } from '../core/principal.js';
import type { ListKind } from './list-kind.js';

/**
 * Whom an upstream session is kept for, where not everybody shares one: a downstream session, or a principal
 * with the same capabilities in all its sessions. Routing makes one for each group.
 */
export interface Holder {
  /** Unique within the group. */
  readonly key: string;
  /** What is declared to servers on the holder's behalf: what its clients can honour, and no more. */
  readonly capabilities: JsonObject;
  /** Whether several downstream sessions may stand behind it, so that "the holder" does not say which is meant. */
  readonly plural: boolean;
  /** The least severe log level wanted, if anybody ever said: told to every session that is opened for it. */
  readonly logLevel: string | undefined;
  readonly ended: boolean;
  /** Whose it is, as the newest of its credentials vouches for it. */
  readonly principal: Principal;
  /**
   * Whether servers were told to remember something for it, so that its sessions are not closed for being idle.
   * They make room for others all the same.
   */
  readonly needsSession?: boolean;
  /** How whoever gets what `take` is given keeps up with it. Left out where that is not one downstream. */
  readonly flow?: Flow | undefined;
  /**
   * What a server says on the holder's own session that belongs to none of its requests in flight. Input requests
   * must be answered. While `plural`, never called for input requests and log messages: the former are refused,
   * the latter dropped.
   *
   * @param server the id of the server that says it
   */
  take(message: InterimMessage, server: string): void;
  /** A server said on the holder's own session that a list changed. */
  listChanged(kind: ListKind): void;
  /**
   * The holder's session with that server is a new one, in the place of one that was lost, was idle for too long
   * or had to make room: what the server was told to remember, subscriptions above all, has to be told again.
   */
  renewed(server: string): void;
  /** The holder's session with that server was lost. Another is opened with the next request. */
  lost(server: string): void;
  /** Calls back once when the holder is gone; at once if it already is. Returns how to take it back. */
  onEnd(callback: () => void): () => void;
}
