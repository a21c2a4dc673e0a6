import type { GatewayError } from '../core/errors.js';
import type { Flow } from '../core/flow.js';
import type { Peer } from '../core/peer.js';
import type { Principal } from '../core/principal.js';
import type { ReplyFrame } from '../protocol/index.js';
import type { Route, RouteTable } from '../routing/index.js';
import type { Session } from '../session/index.js';
import type { Intake } from './intake.js';
import type { Leg } from './leg.js';
import type { Outlet } from './outlet.js';

/** A connection that is its session: a WebSocket, an event stream with its POSTs, a unix socket. */
export interface LastingConnection {
  readonly session: Session;
  readonly routeName: string;
  readonly clientAddress: string;
  readonly flow: Flow;
  send(frame: Buffer): void;
  /** The reply to a request. */
  answer(frame: ReplyFrame): void;
  /** Ends as soon as nothing is in flight. */
  drain(): void;
}

/** What the legs of all such connections share. */
export interface LastingHost {
  readonly routes: RouteTable;
  readonly intake: Intake;
}

/** Where the messages of a lasting connection come in, and where all that they are answered with goes: one wire for everything. */
export class LastingLeg implements Leg, Outlet {
  readonly duplex = true;
  readonly carriesInterim = true;
  readonly session: Session;
  readonly routeName: string;
  readonly clientAddress: string;
  readonly headers = undefined;
  readonly flow: Flow;

  /**
   * @param path of the route that it came by
   * @param principal who sends its messages: whoever opened it, as a rule
   */
  constructor(
    private readonly connection: LastingConnection,
    private readonly path: string,
    private readonly host: LastingHost,
    readonly principal: Principal = connection.session.principal,
  ) {
    this.session = connection.session;
    this.routeName = connection.routeName;
    this.clientAddress = connection.clientAddress;
    this.flow = connection.flow;
  }

  /** Looked up for each message: a reload may have built it anew. */
  get route(): Route | undefined {
    return this.host.routes.find(this.path);
  }

  introduce(peer: Peer): Session {
    this.session.peer = peer;
    return this.session;
  }

  started(): void {
    // The session knows what is in flight, and cancels it when the connection is gone.
  }

  interim(frame: Buffer): void {
    this.connection.send(frame);
  }

  reply(frame: ReplyFrame, _failure: GatewayError | undefined): void {
    this.connection.answer(frame);
    if (this.host.intake.draining) this.connection.drain();
  }

  nothing(): void {
    if (this.host.intake.draining) this.connection.drain();
  }
}
