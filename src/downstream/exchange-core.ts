import { Cancellation } from '../core/cancellation.js';
import { CancelledError, GatewayError } from '../core/errors.js';
import type { Exchange, ServerRef, Stay, Target } from '../core/exchange.js';
import type { Flow } from '../core/flow.js';
import type { JsonObject } from '../core/json.js';
import {
  McpRequest,
  type InputRequest,
  type InterimMessage,
  type InterimNotification,
  type McpReply,
} from '../core/message.js';
import type { Peer } from '../core/peer.js';
import type { Principal } from '../core/principal.js';
import { notificationFrame, ReplyFrame, requestedToken, withToken, type IncomingRequest } from '../protocol/index.js';
import type { Route } from '../routing/index.js';
import type { InFlight, PendingInput } from '../session/index.js';
import type { ExchangeHost, Place } from './exchange-host.js';
import type { Outlet } from './outlet.js';

/** As much of a request as an exchange needs. */
export type Asked = Pick<IncomingRequest, 'id' | 'method' | 'params'>;

/**
 * One request of a downstream and everything until its reply, whichever era it is of. It ends in exactly one way:
 * with a reply, with a failure, or cancelled; after that nothing is said for it any more.
 */
export abstract class ExchangeCore implements Exchange, InFlight {
  readonly method: string;
  readonly startedAt: number;
  deadline: number;
  readonly route: string;
  readonly clientAddress: string;
  readonly principal: Principal;
  readonly signal = new Cancellation();
  target: Target | undefined;
  server: ServerRef | undefined;
  abstract readonly peer: Peer;
  abstract readonly stay: Stay;
  abstract readonly logLevel: string | undefined;
  abstract readonly declares: JsonObject;
  abstract readonly mirrored: ReadonlyMap<string, string> | undefined;

  protected over = false;
  private waiting = false;
  private ownId: string | undefined;
  /** The client's own progress token, digit for digit. */
  private readonly token: Buffer | undefined;

  constructor(
    protected readonly request: Asked,
    private readonly place: Place,
    protected readonly outlet: Outlet,
    protected readonly host: ExchangeHost,
  ) {
    this.method = request.method;
    this.route = place.routeName;
    this.clientAddress = place.clientAddress;
    this.principal = place.principal;
    this.startedAt = host.clock.turn();
    this.deadline = this.startedAt + host.requestTimeout;
    this.token = requestedToken(request.params);
  }

  /** Given when it is asked for first: what is not logged has no use for one. */
  get id(): string {
    return (this.ownId ??= this.host.nextId());
  }

  get flow(): Flow {
    return this.outlet.flow;
  }

  get wantsProgress(): boolean {
    return this.token !== undefined;
  }

  header(name: string): string | undefined {
    const value = this.place.headers?.[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  /** Starts it: whatever the route answers, or throws, ends it. */
  run(route: Route | undefined): void {
    if (!route) return this.fail(new GatewayError('route_unknown', 'no such route'));
    this.waiting = true;
    this.enter();
    this.outlet.started(this);
    // Nobody may be there any more.
    if (this.over) return;
    const { method, params } = this.request;
    try {
      route.handle(new McpRequest(method, params), this).then(
        (reply) => this.settle(reply),
        (thrown: unknown) => this.fail(thrown),
      );
    } catch (thrown) {
      this.fail(thrown);
    }
  }

  deliver(message: InterimMessage): void {
    if (message.kind === 'request') return this.ask(message);
    if (!this.over) this.relay(message);
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
    const error = this.host.failure(thrown, this.place);
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

  abstract carry(frame: Buffer): boolean;
  abstract standStill(input: PendingInput): void;
  abstract goOn(input: PendingInput, answered: boolean): void;

  /** Enters it wherever it can be found from outside. */
  protected abstract enter(): void;
  /** Takes it out of there. */
  protected abstract leave(): void;
  /** It is over; what it holds is let go. */
  protected abstract ended(): void;
  /** A server asks something of the client. */
  protected abstract ask(request: InputRequest): void;
  /** A server says something, and the exchange is not over. */
  protected abstract relay(message: InterimNotification): void;
  /** A reply in the words of the client's revision. */
  protected abstract worded(reply: McpReply): McpReply;

  protected send(message: InterimNotification, params = message.params?.bytes): void {
    this.outlet.interim(notificationFrame(message.method, params));
  }

  /** Under the client's own token; dropped where the client has given none. */
  protected sendProgress(message: InterimNotification): void {
    const { params } = message;
    if (this.token && params) this.send(message, withToken(params, this.token));
  }

  /** Undefined where that is not possible, and the exchange has failed. */
  private shaped(reply: McpReply): McpReply | undefined {
    try {
      return this.worded(reply);
    } catch (thrown) {
      this.fail(thrown);
      return undefined;
    }
  }

  /** A downstream that cannot be told anything must not become the trouble of whoever answered it. */
  private say(reply: McpReply, failure: GatewayError | undefined): void {
    try {
      this.outlet.reply(ReplyFrame.of(this.request.id.bytes, reply), failure, reply);
    } catch (thrown) {
      this.host.failure(thrown, this.place);
    }
  }

  /** True the first time. */
  private close(): boolean {
    if (this.over) return false;
    this.over = true;
    if (this.waiting) this.leave();
    this.ended();
    return true;
  }
}
