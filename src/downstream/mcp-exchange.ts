import { Cancellation } from '../core/cancellation.js';
import type { Clock } from '../core/clock.js';
import type { ErrorCode } from '../core/error-table.js';
import { CancelledError, type GatewayError } from '../core/errors.js';
import type { Exchange, ServerRef, Target } from '../core/exchange.js';
import type { InterimMessage, McpReply } from '../core/message.js';
import type { Peer } from '../core/peer.js';
import type { Principal } from '../core/principal.js';
import { notificationFrame, replyFrame, requestedToken, withToken, type IncomingRequest } from '../protocol/index.js';
import type { InFlight, Session } from '../session/index.js';
import type { Intake } from './intake.js';
import { isLogWanted } from './log-level.js';
import type { Outlet } from './outlet.js';
import type { Overdue } from './overdue.js';

/** Stands for a peer that has not introduced itself. */
const STRANGER: Peer = Object.freeze({
  era: 'legacy',
  revision: '',
  capabilities: {},
  info: { name: '', version: '' },
});

/** What an exchange needs of the house it lives in. */
export interface ExchangeHost {
  readonly clock: Clock;
  readonly intake: Intake;
  readonly overdue: Overdue;
  /** Milliseconds. */
  readonly requestTimeout: number;
  nextId(): string;
  /** What was thrown, as one of ours; what nobody foresaw is logged. */
  failure(thrown: unknown): GatewayError;
  finished(exchange: McpExchange, status: number, reason: ErrorCode | 'upstream_error' | undefined): void;
}

/** Where an exchange came in. */
export interface Origin {
  readonly session: Session;
  readonly routeName: string;
  readonly clientAddress: string;
}

/**
 * One request of a legacy downstream and everything until its reply. It ends in exactly one way: with a
 * reply, with a failure, or cancelled; after that nothing is said for it any more.
 */
export class McpExchange implements Exchange, InFlight {
  readonly id: string;
  readonly method: string;
  readonly peer: Peer;
  readonly startedAt: number;
  readonly deadline: number;
  readonly route: string;
  readonly clientAddress: string;
  readonly stay: Session;
  readonly signal = new Cancellation();
  target: Target | undefined;
  server: ServerRef | undefined;

  private over = false;
  private waiting = false;
  /** The client's own progress token, digit for digit. */
  private readonly token: Buffer | undefined;

  constructor(
    private readonly request: Pick<IncomingRequest, 'id' | 'method' | 'params'>,
    origin: Origin,
    private readonly outlet: Outlet,
    private readonly host: ExchangeHost,
  ) {
    this.id = host.nextId();
    this.method = request.method;
    this.stay = origin.session;
    this.peer = origin.session.peer ?? STRANGER;
    this.route = origin.routeName;
    this.clientAddress = origin.clientAddress;
    this.startedAt = host.clock.now();
    this.deadline = this.startedAt + host.requestTimeout;
    this.token = requestedToken(request.params);
  }

  get principal(): Principal {
    return this.stay.principal;
  }

  get wantsProgress(): boolean {
    return this.token !== undefined;
  }

  /** Enters it among what the session has in flight, until it ends. */
  start(): void {
    this.waiting = true;
    this.stay.inFlight.set(this.request.id.value, this);
    this.host.intake.enter();
    this.host.overdue.watch(this.deadline);
    this.outlet.started();
  }

  deliver(message: InterimMessage): void {
    if (this.over) return;
    if (message.method === 'notifications/progress') return this.deliverProgress(message);
    if (message.method === 'notifications/message' && !isLogWanted(message, this.stay.logLevel)) return;
    this.outlet.interim(notificationFrame(message.method, message.params?.bytes));
  }

  /** Ends it with what the route answered. */
  settle(reply: McpReply): void {
    if (!this.close()) return;
    this.say(reply, undefined);
    this.host.finished(this, 200, reply.kind === 'error' ? 'upstream_error' : undefined);
  }

  /** Ends it with a failure of the gateway's own, and stops whatever is still done for it. */
  fail(thrown: unknown): void {
    if (!this.close()) return;
    const error = this.host.failure(thrown);
    this.signal.abort(error);
    this.say(error.toReply(this.peer.era), error);
    this.host.finished(this, error.traits.status, error.code);
  }

  cancel(reason?: string): void {
    if (!this.close()) return;
    this.signal.abort(new CancelledError(reason));
    this.outlet.nothing();
    this.host.finished(this, 499, 'exchange_cancelled');
  }

  private deliverProgress({ method, params }: InterimMessage): void {
    if (!this.token || !params) return;
    this.outlet.interim(notificationFrame(method, withToken(params, this.token)));
  }

  /** A downstream that cannot be told anything must not become the trouble of whoever answered it. */
  private say(reply: McpReply, failure: GatewayError | undefined): void {
    try {
      this.outlet.reply(replyFrame(this.request.id.bytes, reply), failure);
    } catch (thrown) {
      this.host.failure(thrown);
    }
  }

  /** True the first time. */
  private close(): boolean {
    if (this.over) return false;
    this.over = true;
    if (this.waiting) {
      this.stay.inFlight.delete(this.request.id.value);
      this.host.intake.leave();
    }
    return true;
  }
}
