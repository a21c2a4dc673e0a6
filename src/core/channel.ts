import type { CancelSignal } from './cancellation.js';
import type { InterimMessage, McpReply, McpRequest } from './message.js';
import type { ServerPeer } from './peer.js';

/** How one request is to be sent and waited for. */
export interface CallOptions {
  /** When it aborts, the server is told `notifications/cancelled` and the call rejects with `exchange_cancelled`. */
  readonly signal: CancelSignal;
  /** Monotonic milliseconds after which the server is told to stop and the call rejects with `upstream_timeout`. */
  readonly deadline: number;
  /** Whether a progress token of this leg is sent along. */
  readonly progress: boolean;
  /** Progress and log messages that belong to this request, in the order they came. */
  onInterim(message: InterimMessage): void;
}

/**
 * An open, introduced way to one upstream server. Owns the ids and progress tokens of its leg: numbers
 * that grow by one, unique on this channel.
 */
export interface Channel {
  /** The server as it introduced itself. */
  readonly peer: ServerPeer;
  /** Requests sent and not yet answered. */
  readonly pending: number;
  /**
   * Sends one request and settles with its one reply.
   *
   * @throws `upstream_timeout`, `upstream_protocol_error`, `exchange_cancelled`; `upstream_unavailable`
   * when the channel broke after the request was sent, as `UnsentError` when it certainly was not
   */
  request(request: McpRequest, options: CallOptions): Promise<McpReply>;
  /** Sends a notification; one that cannot be sent is dropped. */
  notify(method: string, params?: Buffer): void;
  /** Ends it. What is in flight rejects with `upstream_unavailable`. */
  close(): Promise<void>;
}
