import type { CancelSignal } from '../core/cancellation.js';
import { CancelledError, GatewayError } from '../core/errors.js';
import type { Exchange } from '../core/exchange.js';
import type { Flow } from '../core/flow.js';
import type { InterimMessage, McpReply, McpRequest } from '../core/message.js';
import type { Principal } from '../core/principal.js';
import type { Sender } from '../protocol/index.js';
import type { Behalf } from './behalf.js';
import type { CallHost, Seeker } from './call-host.js';
import { CallTime } from './call-time.js';
import { GATEWAY, type Call } from './channel/call.js';
import type { GroupMember } from './group-member.js';
import type { Holder } from './holder.js';
import type { Purpose } from './purpose.js';
import { relayedInput } from './relayed-input.js';
import { Setbacks } from './setbacks.js';
import { withDoubt } from './upstream-failure.js';

/**
 * One request of a group: it picks a server, waits for one if it must, sends, and sends once more where
 * nothing can happen twice. It is the one object, with the one promise, that a request costs here.
 */
export class GroupCall extends CallTime implements Call, Seeker {
  /** The server that has it now, or had it last. */
  member: GroupMember | undefined;
  private epoch = 0;
  private startedAt = 0;
  private setbacks: Setbacks | undefined;
  private answering = false;
  private resolve!: (reply: McpReply) => void;
  private reject!: (error: GatewayError) => void;

  constructor(
    protected readonly host: CallHost,
    readonly request: McpRequest,
    private readonly purpose: Purpose,
  ) {
    super();
  }

  get hasTried(): boolean {
    return this.setbacks?.any ?? false;
  }

  tried(member: GroupMember): boolean {
    return this.setbacks?.on(member) ?? false;
  }

  get exchange(): Exchange | undefined {
    return this.purpose.exchange;
  }

  get preferred(): string | undefined {
    return this.purpose.preferred;
  }

  get holder(): Holder | undefined {
    return this.purpose.holder;
  }

  get flow(): Flow | undefined {
    return this.purpose.exchange?.flow;
  }

  get signal(): CancelSignal | undefined {
    return this.purpose.exchange?.signal;
  }

  get progress(): boolean {
    return this.purpose.exchange?.wantsProgress ?? false;
  }

  get principal(): Principal | undefined {
    return this.purpose.exchange?.principal;
  }

  get behalf(): Behalf | undefined {
    return this.purpose.exchange ?? this.purpose.holder;
  }

  get sender(): Sender {
    const { exchange } = this.purpose;
    if (!exchange) return GATEWAY;
    return { declares: exchange.declares, info: exchange.peer.info, logLevel: exchange.logLevel };
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

  handleEvent(): void {
    this.host.unpark(this);
    this.reject(new CancelledError());
  }

  giveUp(error: GatewayError): void {
    this.reject(error);
  }

  onInterim(message: InterimMessage): void {
    this.answering = true;
    const { exchange, relay } = this.purpose;
    if (message.kind === 'notification') {
      if (exchange && relay) relay(message, exchange);
    } else if (exchange && relay) {
      this.standStill();
      relay(
        relayedInput(message, (answered) => this.goOn(answered)),
        exchange,
      );
    } else {
      message.refused();
    }
  }

  done(reply: McpReply): void {
    this.ended(undefined);
    this.resolve(reply);
  }

  failed(error: GatewayError): void {
    const member = this.ended(error);
    this.attemptOver();
    const { isWanted, host, request } = this;
    const setbacks = (this.setbacks ??= new Setbacks(host, request.method));
    if (member && isWanted && setbacks.mayRenew(error)) return this.renew(member);
    if (!isWanted || !setbacks.mayRepeat(error)) {
      this.reject(host.isRepeatable(request.method) ? error : withDoubt(error));
      return;
    }
    if (member) setbacks.add(member);
    this.proceed();
  }

  protected get patience(): number {
    return this.purpose.exchange?.deadline ?? this.purpose.deadline ?? Number.POSITIVE_INFINITY;
  }

  private send(member: GroupMember): void {
    const { exchange, holder } = this.purpose;
    this.member = member;
    if (exchange) exchange.server = member.server.ref;
    this.startedAt = this.host.now;
    this.attemptBegan(this.startedAt);
    this.epoch = member.server.began();
    member.server.send(this, holder);
  }

  private ended(error: GatewayError | undefined): GroupMember | undefined {
    const { member } = this;
    if (!member) return undefined;
    member.server.ended(this.epoch, error);
    this.host.attempted(member, error, this.host.now - this.startedAt);
    return member;
  }

  /** On a session of its own the same server is asked at once; on the shared one as soon as it is back. */
  private renew(member: GroupMember): void {
    if (member.server.separates(this.purpose.holder)) this.send(member);
    else this.proceed();
  }

  /** Whether it may be sent again as far as the downstream is concerned. */
  private get isWanted(): boolean {
    return !this.answering && !this.signal?.aborted && this.host.now < this.patience;
  }
}
