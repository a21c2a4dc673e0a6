import type { GatewayError } from '../../../core/errors.js';
import type { McpReply, McpRequest } from '../../../core/message.js';
import type { IncomingNotification } from '../../../protocol/index.js';
import type { Wire } from '../../wire.js';
import type { Call } from '../call.js';
import type { Slot } from '../call-table.js';

/** All that one era does in its own way on a channel. */
export interface Manner {
  /** What a server answers as long as it is well. */
  readonly probe: McpRequest;
  /** True when the call is answered without the server, which has no word for it. */
  answers(call: Call): boolean;
  frame(slot: Slot): Buffer;
  /** What the transport says of a request beside its frame, where it has a place for that. */
  headers(call: Call, wire: Wire): Readonly<Record<string, string>> | undefined;
  /** What the reply of an introduced server is to whoever waits for it, or why it is none. */
  judge(call: Call, reply: McpReply): McpReply | GatewayError;
  /** What it comes to that an introduced server did not take a request. */
  refused(error: GatewayError, call: Call | undefined): GatewayError;
  /** True when the notification is for a call that waits for such. */
  takes(notification: IncomingNotification, origin: number | undefined): boolean;
  /** Whether servers may ask for something. */
  readonly isAsked: boolean;
  /** Nobody waits for the reply any more. */
  withdraw(slot: Slot, error: GatewayError, wire: Wire): void;
  /** The server has been introduced: requests can be sent. */
  begin?(): void;
  /** The channel is over. */
  close(): void;
}
