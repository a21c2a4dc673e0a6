import { shapeReply } from '../bridge/index.js';
import { Cancellation } from '../core/cancellation.js';
import { CancelledError, type GatewayError } from '../core/errors.js';
import type { Exchange, ServerRef, Target } from '../core/exchange.js';
import type { Flow } from '../core/flow.js';
import type { InputRequest, InterimMessage, InterimNotification, McpReply } from '../core/message.js';
import type { Peer } from '../core/peer.js';
import type { Principal } from '../core/principal.js';
import { notificationFrame, replyFrame, requestedToken, withToken, type IncomingRequest } from '../protocol/index.js';
import type { InFlight, PendingInput, Session } from '../session/index.js';
import type { ExchangeHost, Origin } from './exchange-host.js';
import { ExchangeInputs } from './exchange-inputs.js';
import { isLogWanted } from './log-level.js';
import type { Outlet } from './outlet.js';

/** Stands for a peer that has not introduced itself. */
const STRANGER: Peer = Object.freeze({
  era: 'legacy',
  revision: '',
  capabilities: {},
  info: { name: '', version: '' },
});

/**
 * One request of a legacy downstream and everything until its reply. It ends in exactly one way: with a
 * reply, with a failure, or cancelled; after that nothing is said for it any more.
 */
export class McpExchange implements Exchange, InFlight {
  readonly id: string;
  readonly method: string;
  readonly peer: Peer;
  readonly startedAt: number;
  deadline: number;
  readonly route: string;
  readonly clientAddress: string;
  readonly stay: Session;
  readonly signal = new Cancellation();
  target: Target | undefined;
  server: ServerRef | undefined;

  private over = false;
  private waiting = false;
  /** Made with the first question: most requests are answered without any. */
  private inputs: ExchangeInputs | undefined;
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

  get flow(): Flow {
    return this.outlet.flow;
  }

  get wantsProgress(): boolean {
    return this.token !== undefined;
  }

  /** Enters it among what the session has in flight, until it ends. */
  start(): void {
    this.waiting = true;
    this.stay.inFlight.set(this.request.id.value, this);
    this.host.intake.enter();
    this.stay.inputs.halt(this);
    this.host.overdue.watch(this.deadline);
    this.outlet.started();
  }

  deliver(message: InterimMessage): void {
    if (message.kind === 'request') return this.ask(message);
    if (this.over) return;
    if (message.method === 'notifications/progress') return this.deliverProgress(message);
    if (message.method === 'notifications/message' && !isLogWanted(message, this.stay.logLevel)) return;
    this.outlet.interim(notificationFrame(message.method, message.params?.bytes));
  }

  carry(frame: Buffer): boolean {
    if (!this.outlet.carriesInterim) return false;
    this.outlet.interim(frame);
    return true;
  }

  standStill(input: PendingInput): void {
    this.inputs ??= new ExchangeInputs(this, this.host);
    this.inputs.standStill(input);
  }

  goOn(input: PendingInput, answered: boolean): void {
    this.inputs?.goOn(input, answered);
  }

  /** Ends it with what the route answered, in the words of the client's revision. */
  settle(given: McpReply): void {
    if (this.over) return;
    const reply = this.shaped(given);
    if (!reply || !this.close()) return;
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

  /** Undefined where that is not possible, and the exchange has failed. */
  private shaped(reply: McpReply): McpReply | undefined {
    try {
      return shapeReply(this.method, reply, this.peer.revision);
    } catch (thrown) {
      this.fail(thrown);
      return undefined;
    }
  }

  private ask(request: InputRequest): void {
    if (this.over) return request.refused();
    this.inputs ??= new ExchangeInputs(this, this.host);
    this.inputs.ask(request);
  }

  private deliverProgress({ method, params }: InterimNotification): void {
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
    this.inputs?.refuseAll();
    return true;
  }
}
