import type { CancelSignal } from '../../core/cancellation.js';
import type { GatewayError } from '../../core/errors.js';
import type { Flow } from '../../core/flow.js';
import type { InterimMessage, McpReply, McpRequest } from '../../core/message.js';
import type { Principal } from '../../core/principal.js';
import type { Sender } from '../../protocol/index.js';
import type { Behalf } from '../behalf.js';
import type { Call } from '../channel/call.js';
import type { CallQueue } from './call-queue.js';

/** A call that has the session for itself, and lets the next one go when it is over. */
class Leased implements Call {
  readonly attributable = true;

  constructor(
    private readonly call: Call,
    private readonly over: () => void,
  ) {}

  get request(): McpRequest {
    return this.call.request;
  }

  get signal(): CancelSignal | undefined {
    return this.call.signal;
  }

  get deadline(): number {
    return this.call.deadline;
  }

  get flow(): Flow | undefined {
    return this.call.flow;
  }

  get progress(): boolean {
    return this.call.progress;
  }

  get principal(): Principal | undefined {
    return this.call.principal;
  }

  get behalf(): Behalf | undefined {
    return this.call.behalf;
  }

  get sender(): Sender {
    return this.call.sender;
  }

  onInterim(message: InterimMessage): void {
    this.call.onInterim(message);
  }

  standStill(): void {
    this.call.standStill();
  }

  goOn(answered: boolean): void {
    this.call.goOn(answered);
  }

  done(reply: McpReply): void {
    this.call.done(reply);
    this.over();
  }

  failed(error: GatewayError): void {
    this.call.failed(error);
    this.over();
  }
}

/**
 * Sends calls one at a time: for sessions with several downstreams behind them, on which nothing says for which
 * of them the server asks.
 */
export class Lease {
  private taken = false;
  private running = false;

  /** @param send as that of a channel */
  constructor(
    private readonly queue: CallQueue,
    private readonly send: (call: Call) => void,
  ) {}

  /** How many calls wait for their turn. */
  get waiting(): number {
    return this.queue.size;
  }

  take(call: Call): void {
    this.queue.enter(call);
    this.next();
  }

  /** Nothing more is sent. What was sent is not touched. */
  close(error: GatewayError): void {
    this.queue.failAll(error);
  }

  /** In a loop, because a call that cannot be sent is over before the next line. */
  private next(): void {
    if (this.running) return;
    this.running = true;
    while (!this.taken) {
      const call = this.queue.shift();
      if (!call) break;
      this.taken = true;
      this.send(new Leased(call, () => this.release()));
    }
    this.running = false;
  }

  private release(): void {
    this.taken = false;
    this.next();
  }
}
