import type { CancelSignal } from '../../src/core/cancellation.js';
import type { InterimMessage, McpReply, McpRequest } from '../../src/core/message.js';
import { GATEWAY, type Call } from '../../src/upstream/channel/call.js';

/** How a request of a downstream is sent and waited for. */
export interface RequestOptions {
  readonly signal: CancelSignal;
  /** Monotonic milliseconds. */
  readonly deadline: number;
  readonly progress: boolean;
  onInterim(message: InterimMessage): void;
}

/** One request of a downstream whose time is fixed; settles as the call does. */
export function requested(
  channel: { send(call: Call): void },
  request: McpRequest,
  options: RequestOptions,
): Promise<McpReply> {
  const nothing = (): void => undefined;
  return new Promise((done, failed) => {
    const { signal, deadline, progress } = options;
    const onInterim = (message: InterimMessage): void => options.onInterim(message);
    const terms = {
      request,
      signal,
      deadline,
      progress,
      attributable: true,
      flow: undefined,
      sender: GATEWAY,
      onInterim,
    };
    channel.send({ ...terms, standStill: nothing, goOn: nothing, done, failed });
  });
}
