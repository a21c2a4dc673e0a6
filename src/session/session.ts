import { Endable } from '../core/endable.js';
import type { ServerRef, Stay } from '../core/exchange.js';
import { Flow } from '../core/flow.js';
import { IdTable } from '../core/id-table.js';
import type { InterimMessage } from '../core/message.js';
import type { Peer } from '../core/peer.js';
import type { Principal } from '../core/principal.js';
import type { PendingInput } from './pending-input.js';
import { PendingInputs } from './pending-inputs.js';
import type { Voice } from './voice.js';

/** A request that was taken and is not yet answered. */
export interface InFlight {
  /** Monotonic milliseconds after which nobody waits any more. May move. */
  readonly deadline: number;
  /** Who serves it, once a server was picked. */
  readonly server: ServerRef | undefined;
  /** Sends a frame along with its answer. False where there is no room for anything but the reply. */
  carry(frame: Buffer): boolean;
  /** The client is asked something that may be for this request: its time stands still, until `goOn`. */
  standStill(input: PendingInput): void;
  /** The question is over. Does nothing where its time did not stand still for it. @param answered by the client */
  goOn(input: PendingInput, answered: boolean): void;
  /** Ends it without an answer. @param reason what the downstream said of it, for the upstream to know */
  cancel(reason?: string): void;
  /** Ends it with a failure as its answer. */
  fail(thrown: unknown): void;
}

/** Brings to a session what belongs to none of its requests. */
export interface Courier {
  /** @param session is here, and has introduced itself */
  deliver(message: InterimMessage, session: Session): void;
}

/** The flow of whoever is sent nothing. */
const FREE = new Flow();

/**
 * A legacy peer's stay: a session over HTTP, or a connection of its own. Holds what is known of the peer
 * and what it has in flight. Ids are keyed by value *and* type, within this stay alone, so nobody can
 * reach what another has in flight.
 */
export class Session extends Endable implements Stay {
  /** The peer, from the moment it has introduced itself (`initialize`). */
  peer: Peer | undefined;
  /** Who sent the last modern request on the connection that this is. Such requests are served, and nothing else is kept of them. */
  visitor: Peer | undefined;
  logLevel: string | undefined;
  /** Undefined while the downstream has nothing open that it can be told on. */
  voice: Voice | undefined;
  /** Undefined until the session is entered among the connections. */
  courier: Courier | undefined;
  /** How many requests were taken since it began. */
  requests = 0;
  /** How many open streams keep it from being idle. */
  streams = 0;
  readonly inFlight = new IdTable<InFlight>();
  /** How many of those are listens, which wait for nothing. */
  listens = 0;
  /** What servers have asked of the downstream. */
  readonly inputs = new PendingInputs();

  /**
   * @param principal of the latest of its requests: the same as ever, perhaps with other roles
   * @param id not a secret: it stands in logs and in the list of connections
   * @param routeName of the route where it began: it belongs there
   */
  constructor(
    readonly id: string,
    public principal: Principal,
    readonly routeName: string,
  ) {
    super();
  }

  /** How many of its requests wait for their reply. */
  get pending(): number {
    return this.inFlight.size - this.listens;
  }

  get flow(): Flow {
    return this.voice?.flow ?? FREE;
  }

  deliver(message: InterimMessage): void {
    if (this.courier && this.peer && !this.ended) this.courier.deliver(message, this);
    else if (message.kind === 'request') message.refused();
  }

  /** Answers everything in flight with a failure. */
  fail(thrown: unknown): void {
    for (const exchange of this.inFlight.values()) exchange.fail(thrown);
  }

  /** Cancels everything in flight, and refuses what it was asked. */
  protected override letGo(): void {
    for (const exchange of this.inFlight.values()) exchange.cancel();
    this.inFlight.clear();
    this.inputs.refuseAll();
  }
}
