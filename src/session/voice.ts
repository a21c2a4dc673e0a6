import type { Flow } from '../core/flow.js';

/**
 * Where a session can be told what belongs to none of its requests: its WebSocket or unix connection, its SSE
 * stream, the stream that it opened by GET. Set and taken away by the transport.
 */
export interface Voice {
  /** How the downstream keeps up with it. Cleared when the voice is gone, whatever is unsent. */
  readonly flow: Flow;
  /** Sends one message, framed. Does nothing once it is gone. */
  send(frame: Buffer): void;
}
