import type { GatewayError } from '../core/errors.js';

/**
 * Where the answer to a request goes: a WebSocket connection, the response to a POST, a place in a batch.
 * For each request `reply` or `nothing` is called, once, and nothing after it.
 */
export interface Outlet {
  /** A request is on its way: its reply may take a while. */
  started(): void;
  /** A message that comes before the reply, framed. */
  interim(frame: Buffer): void;
  /**
   * The reply, framed.
   *
   * @param failure what it says, when the gateway itself had to give up
   */
  reply(frame: Buffer, failure: GatewayError | undefined): void;
  /** There will be no reply: the request was cancelled. */
  nothing(): void;
}
