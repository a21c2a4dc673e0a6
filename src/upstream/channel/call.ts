import type { CancelSignal } from '../../core/cancellation.js';
import type { GatewayError } from '../../core/errors.js';
import type { Flow } from '../../core/flow.js';
import type { InterimMessage, McpReply, McpRequest } from '../../core/message.js';
import type { Principal } from '../../core/principal.js';
import type { Sender } from '../../protocol/index.js';
import type { Behalf } from '../behalf.js';

/** Nobody but the gateway itself. The same for all, so that what is made of it can be kept. */
export const GATEWAY: Sender = { declares: {}, info: { name: '', version: '' }, logLevel: undefined };

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
  /** Monotonic milliseconds. Moves while the downstream is asked for input. */
  readonly deadline: number;
  /** How whoever is shown what comes keeps up with it. Undefined where nobody is. */
  readonly flow: Flow | undefined;
  /** Whether a progress token is sent along. */
  readonly progress: boolean;
  /** Whether a downstream stands behind it, that may be shown what the server logs and be asked for input. */
  readonly attributable: boolean;
  /** What servers that want to know with every request are told of whoever sends it. Without a name: the gateway. */
  readonly sender: Sender;
  /** Whose it is. Undefined where no downstream stands behind it. */
  readonly principal?: Principal | undefined;
  /** On whose behalf it is sent, as far as its server is shown. Undefined for the gateway itself. */
  readonly behalf?: Behalf | undefined;
  /** Input requests must be answered. */
  onInterim(message: InterimMessage): void;
  /** Its downstream is asked something that may be for this call: its time stands still, until `goOn`. */
  standStill(): void;
  /** Called once for each `standStill`. @param answered whether the server got an answer: else it wants none any more */
  goOn(answered: boolean): void;
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
      flow: undefined,
      progress: false,
      attributable: false,
      sender: GATEWAY,
      onInterim: nothing,
      standStill: nothing,
      goOn: nothing,
      done,
      failed,
    });
  });
}

function nothing(): void {
  // There is nobody to tell.
}
