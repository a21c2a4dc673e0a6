import { InputRequest, type McpReply, type Params } from '../core/message.js';

/**
 * The same input request for the downstream.
 *
 * @param over hears once that nobody waits for the answer any more, before the server gets it; and whether it does
 */
export function relayedInput(input: InputRequest, over: (answered: boolean) => void): InputRequest {
  let waiting = true;
  const end = (answered: boolean): void => {
    if (!waiting) return;
    waiting = false;
    over(answered);
  };
  input.onWithdrawn(() => end(false));
  return new InputRequest(input.method, input.params, {
    answered: (reply: McpReply) => {
      end(true);
      input.answered(reply);
    },
    refused: () => {
      end(true);
      input.refused();
    },
    progressed: (params: Params) => input.progressed(params),
    onWithdrawn: (callback) => input.onWithdrawn(callback),
  });
}
