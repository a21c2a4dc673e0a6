import type { CancelSignal } from '../core/cancellation.js';
import { CancelledError, GatewayError, UnsentError } from '../core/errors.js';
import type { Exchange } from '../core/exchange.js';
import type { Relay } from '../core/filter.js';
import type { InterimMessage, McpReply, McpRequest } from '../core/message.js';
import type { Call } from './channel/call.js';
import type { GroupMember } from './group-member.js';

/** The group, as a call on its way through it sees it. */
export interface CallHost {
  readonly now: number;
  /** How long one attempt on one server may take, in milliseconds. */
  readonly attemptTimeout: number;
  /** How many servers there are. */
  readonly replicas: number;
  /** A server for the call; undefined when none takes requests but one may come back. @throws when none will */
  choose(call: GroupCall): GroupMember | undefined;
  /** Lets the call wait for a server. @throws `upstream_overloaded` */
  park(call: GroupCall): void;
  unpark(call: GroupCall): void;
  /** Whether the method may run twice without harm. */
  isRepeatable(method: string): boolean;
  /** Whether one more may be sent again now. Counts as one that was. */
  affordsRepetition(): boolean;
  attempted(member: GroupMember, error: GatewayError | undefined, latencyMs: number): void;
}

/** What stands behind a call: a downstream's exchange, or a question of the gateway's own. */
export interface Purpose {
  readonly deadline: number;
  readonly exchange?: Exchange;
  readonly relay?: Relay;
  readonly preferred?: string | undefined;
}

/**
 * One request of a group: it picks a server, waits for one if it must, sends, and sends once more where
 * nothing can happen twice. It is the one object, with the one promise, that a request costs here.
 */
export class GroupCall implements Call {
  /** The server that has it now, or had it last. */
  member: GroupMember | undefined;
  /** Of the attempt that runs; of the whole call while none does. Monotonic milliseconds. */
  deadline: number;
  private epoch = 0;
  private startedAt = 0;
  private repeated = false;
  /** The servers that it must not go to again, if there is any other. */
  private failedOn: GroupMember[] | undefined;
  private answering = false;
  private resolve!: (reply: McpReply) => void;
  private reject!: (error: GatewayError) => void;

  constructor(
    private readonly host: CallHost,
    readonly request: McpRequest,
    private readonly purpose: Purpose,
  ) {
    this.deadline = purpose.deadline;
  }

  get hasTried(): boolean {
    return this.failedOn !== undefined;
  }

  tried(member: GroupMember): boolean {
    return this.failedOn?.includes(member) ?? false;
  }

  get exchange(): Exchange | undefined {
    return this.purpose.exchange;
  }

  get preferred(): string | undefined {
    return this.purpose.preferred;
  }

  get signal(): CancelSignal | undefined {
    return this.purpose.exchange?.signal;
  }

  get progress(): boolean {
    return this.purpose.exchange?.wantsProgress ?? false;
  }

  get attributable(): boolean {
    return this.purpose.exchange !== undefined;
  }

  /** @throws as `Group.send` */
  run(): Promise<McpReply> {
    return new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
      this.proceed();
    });
  }

  /** Sends it, or lets it wait, or gives it up. */
  proceed(): void {
    if (this.signal?.aborted) {
      this.reject(new CancelledError());
      return;
    }
    try {
      const member = this.host.choose(this);
      if (member) this.send(member);
      else this.host.park(this);
    } catch (thrown) {
      this.reject(GatewayError.from(thrown));
    }
  }

  /** The downstream went away while the call waited for a server. */
  handleEvent(): void {
    this.host.unpark(this);
    this.reject(new CancelledError());
  }

  /** It has waited for a server in vain. */
  giveUp(error: GatewayError): void {
    this.reject(error);
  }

  onInterim(message: InterimMessage): void {
    this.answering = true;
    const { exchange, relay } = this.purpose;
    if (exchange && relay) relay(message, exchange);
  }

  done(reply: McpReply): void {
    this.ended(undefined);
    this.resolve(reply);
  }

  failed(error: GatewayError): void {
    const member = this.ended(error);
    if (!this.mayRepeat(error)) {
      this.reject(this.host.isRepeatable(this.request.method) ? error : withDoubt(error));
      return;
    }
    this.deadline = this.purpose.deadline;
    if (member) (this.failedOn ??= []).push(member);
    this.proceed();
  }

  private send(member: GroupMember): void {
    const { exchange } = this.purpose;
    this.member = member;
    if (exchange) exchange.server = member.server.ref;
    this.startedAt = this.host.now;
    this.deadline = Math.min(this.purpose.deadline, this.startedAt + this.host.attemptTimeout);
    this.epoch = member.server.began();
    member.server.send(this);
  }

  private ended(error: GatewayError | undefined): GroupMember | undefined {
    const { member } = this;
    if (!member) return undefined;
    member.server.ended(this.epoch, error);
    this.host.attempted(member, error, this.host.now - this.startedAt);
    return member;
  }

  private mayRepeat(error: GatewayError): boolean {
    if (this.answering || this.signal?.aborted || this.host.now >= this.purpose.deadline) return false;
    if (error instanceof UnsentError) return (this.failedOn?.length ?? 0) < this.host.replicas;
    if (this.repeated || error.code !== 'upstream_unavailable') return false;
    this.repeated = this.host.isRepeatable(this.request.method) && this.host.affordsRepetition();
    return this.repeated;
  }
}

/** Says that the request may have been carried out all the same: who sends it again should know. */
function withDoubt(error: GatewayError): GatewayError {
  if (error instanceof UnsentError) return error;
  if (error.traits.blame !== 'upstream' || error.code === 'upstream_overloaded') return error;
  return new GatewayError(error.code, error.message, { ...error.data, maybeExecuted: true }, { cause: error });
}
