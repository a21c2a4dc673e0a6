import type { GatewayError } from '../core/errors.js';
import type { Exchange } from '../core/exchange.js';
import type { McpRequest } from '../core/message.js';
import type { CancelSignal } from '../core/cancellation.js';
import type { GroupMember } from './group-member.js';
import type { Holder } from './holder.js';

/** A call that needs a server, as whoever finds one for it sees it. */
export interface Seeker {
  readonly request: McpRequest;
  readonly exchange: Exchange | undefined;
  readonly holder: Holder | undefined;
  /** The server that it should go to, if that takes requests. */
  readonly preferred: string | undefined;
  /** Whether it failed on a server already. */
  readonly hasTried: boolean;
  readonly signal: CancelSignal | undefined;
  /** Monotonic milliseconds. */
  readonly deadline: number;
  /** Whether it failed on this server already. */
  tried(member: GroupMember): boolean;
  /** Sends it, or lets it wait, or gives it up. */
  proceed(): void;
  /** It has waited for a server in vain. */
  giveUp(error: GatewayError): void;
  /** The downstream went away while the call waited for a server. */
  handleEvent(): void;
}

/** The group, as a call on its way through it sees it. */
export interface CallHost {
  readonly now: number;
  /** How long one attempt on one server may take, in milliseconds. */
  readonly attemptTimeout: number;
  /** How many servers there are. */
  readonly replicas: number;
  /** A server for the call; undefined when none takes requests but one may come back. @throws when none will */
  choose(call: Seeker): GroupMember | undefined;
  /** Lets the call wait for a server. @throws `upstream_overloaded` */
  park(call: Seeker): void;
  unpark(call: Seeker): void;
  /** Whether the method may run twice without harm. */
  isRepeatable(method: string): boolean;
  /** Whether one more may be sent again now. Counts as one that was. */
  affordsRepetition(): boolean;
  attempted(member: GroupMember, error: GatewayError | undefined, latencyMs: number): void;
}
