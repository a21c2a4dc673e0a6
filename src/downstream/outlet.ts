import type { Flow } from '../core/flow.js';
import type { GatewayError } from '../core/errors.js';
import type { McpReply } from '../core/message.js';
import type { ReplyFrame } from '../protocol/index.js';

/** A request that can be given up. */
export interface Cancellable {
  /** @param reason for the upstream to know */
  cancel(reason?: string): void;
}

/**
 * Where the answer to a request goes: a WebSocket connection, the response to a POST, a place in a batch.
 * For each request `reply` or `nothing` is called, once, and nothing after it.
 */
export interface Outlet {
  /** How whoever is answered keeps up. Cleared when nothing more is sent, whatever is unsent. */
  readonly flow: Flow;
  /**
   * Whether what comes before the reply gets through, so that the client can be asked something meanwhile: not
   * where it takes JSON alone, nor where it left and cannot come back for it.
   */
  readonly carriesInterim: boolean;
  /**
   * A request is on its way: its reply may take a while.
   *
   * @param request to be cancelled when the client goes away, where that means so
   */
  started(request: Cancellable): void;
  /** A message that comes before the reply, framed. Dropped where there is no room for it. */
  interim(frame: Buffer): void;
  /**
   * The reply, framed.
   *
   * @param failure what it says, when the gateway itself had to give up
   * @param said the same reply, where there was a request
   */
  reply(frame: ReplyFrame, failure: GatewayError | undefined, said?: McpReply): void;
  /** There will be no reply: the request was cancelled. */
  nothing(): void;
}
