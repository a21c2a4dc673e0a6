import { Cancellation } from '../../core/cancellation.js';
import type { Exchange, ServerRef, Target } from '../../core/exchange.js';
import { Flow } from '../../core/flow.js';
import type { JsonObject } from '../../core/json.js';
import type { InterimMessage } from '../../core/message.js';
import type { Peer } from '../../core/peer.js';
import type { Principal } from '../../core/principal.js';
import { ParkedStay } from './parked-stay.js';

/** Whoever knows which request of the client attends a call now, if any. */
export interface Attended {
  /** The exchange of that request. */
  readonly client: Exchange | undefined;
  /** Until when the call waits while no request attends it. Monotonic milliseconds. */
  readonly patience: number;
  take(message: InterimMessage): void;
}

/** The flow of a client that is sent nothing. */
const FREE = new Flow();

/**
 * The exchange of a call that may outlive the request that began it. Upstream it is one exchange from beginning to
 * end; downstream it is whichever request of the client attends it now.
 */
export class ParkedExchange implements Exchange {
  readonly id: string;
  readonly method: string;
  readonly principal: Principal;
  readonly stay: ParkedStay;
  readonly clientAddress: string;
  readonly route: string;
  readonly startedAt: number;
  readonly signal = new Cancellation();
  readonly wantsProgress: boolean;
  /** Judged before anything was sent. */
  readonly mirrored = undefined;
  target: Target | undefined;
  /** As the request said that attends it now, or did so last. */
  peer!: Peer;
  declares!: JsonObject;
  logLevel: string | undefined;
  private served: ServerRef | undefined;

  /** @param first is not kept: all that a client has open for a request hangs on its exchange */
  constructor(
    first: Exchange,
    private readonly call: Attended,
  ) {
    this.id = first.id;
    this.method = first.method;
    this.principal = first.principal;
    this.stay = new ParkedStay(first.stay, this);
    this.clientAddress = first.clientAddress;
    this.route = first.route;
    this.startedAt = first.startedAt;
    this.wantsProgress = first.wantsProgress;
    this.target = first.target;
    this.attendedBy(first);
  }

  /** Another request of the client attends it from now on. */
  attendedBy({ peer, declares, logLevel }: Exchange): void {
    this.peer = peer;
    this.declares = declares;
    this.logLevel = logLevel;
  }

  /** Headers belong to the requests that come and go: a call that goes on without them was sent what it needs. */
  header(name: string): string | undefined {
    return this.call.client?.header(name);
  }

  get deadline(): number {
    return this.call.client?.deadline ?? this.call.patience;
  }

  get flow(): Flow {
    return this.call.client?.flow ?? FREE;
  }

  get server(): ServerRef | undefined {
    return this.served;
  }

  set server(server: ServerRef | undefined) {
    this.served = server;
    const { client } = this.call;
    if (client) client.server = server;
  }

  deliver(message: InterimMessage): void {
    this.call.take(message);
  }
}
