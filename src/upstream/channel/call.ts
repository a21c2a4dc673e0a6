import type { CancelSignal } from '../../core/cancellation.js';
import type { GatewayError } from '../../core/errors.js';
import type { InterimMessage, McpReply, McpRequest } from '../../core/message.js';

/**
 * One request to one server, and whoever waits for it. Exactly one of `done` and `failed` is called,
 * once, and nothing after it.
 *
 * It is an object and not a promise so that a request that is sent through group and channel costs one
 * promise: the one its sender waits for.
 */
export interface Call {
  readonly request: McpRequest;
  /** Aborted when nobody waits any more. Undefined for what nobody can cancel. */
  readonly signal: CancelSignal | undefined;
  /** Monotonic milliseconds. */
  readonly deadline: number;
  /** Whether a progress token is sent along. */
  readonly progress: boolean;
  /** Whether a downstream stands behind it, that may be shown what the server logs. */
  readonly attributable: boolean;
  onInterim(message: InterimMessage): void;
  done(reply: McpReply): void;
  failed(error: GatewayError): void;
}

/** A question of the gateway's own to one server: no progress, no cancelling, nothing in between. */
export function ask(send: (call: Call) => void, request: McpRequest, deadline: number): Promise<McpReply> {
  return new Promise((done, failed) => {
    send({
      request,
      deadline,
      signal: undefined,
      progress: false,
      attributable: false,
      onInterim: () => undefined,
      done,
      failed,
    });
  });
}
