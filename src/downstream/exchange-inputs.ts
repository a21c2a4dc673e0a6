import type { InputRequest } from '../core/message.js';
import type { PendingInput, Session } from '../session/index.js';
import type { ExchangeHost } from './exchange-host.js';
import type { InputOwner } from './input-courier.js';

/** An exchange, as far as it waits for its client. */
export interface Waiting {
  readonly stay: Session;
  deadline: number;
  /** Sends a frame along with the answer. False where there is no room for anything but the reply. */
  carry(frame: Buffer): boolean;
}

/**
 * What a client is asked while an exchange waits for its reply: for the sake of this exchange, or perhaps of this
 * one. Meanwhile the time of the exchange stands still: it has left what it had when the client was asked, and all
 * of it anew when the client has answered.
 */
export class ExchangeInputs implements InputOwner {
  /** Those for the sake of this exchange alone. */
  private readonly own = new Set<PendingInput>();
  /** All for which its time stands still. */
  private readonly open = new Set<PendingInput>();
  /** What the exchange had left when the client was asked first. Milliseconds. */
  private left = 0;

  constructor(
    private readonly exchange: Waiting,
    private readonly host: ExchangeHost,
  ) {}

  ask(request: InputRequest): void {
    this.host.inputs.ask(request, this.exchange.stay, this);
  }

  /** With the answer to the request that it is for; else wherever the session can be told anything. */
  carry(frame: Buffer): boolean {
    if (this.exchange.carry(frame)) return true;
    const { voice } = this.exchange.stay;
    voice?.send(frame);
    return voice !== undefined;
  }

  opened(input: PendingInput): void {
    this.own.add(input);
    this.standStill(input);
  }

  closed(input: PendingInput, answered: boolean): void {
    this.own.delete(input);
    this.goOn(input, answered);
  }

  standStill(input: PendingInput): void {
    const { exchange, host } = this;
    if (this.open.size === 0) this.left = exchange.deadline - host.clock.now();
    this.open.add(input);
    // Later than the question's own: a server whose question was refused may still answer.
    exchange.deadline = Math.max(exchange.deadline, input.deadline + host.requestTimeout);
  }

  goOn(input: PendingInput, answered: boolean): void {
    if (!this.open.delete(input)) return;
    if (answered) this.left = Math.max(this.left, this.host.requestTimeout);
    if (this.open.size > 0) return;
    this.exchange.deadline = this.host.clock.now() + this.left;
    this.host.overdue.watch(this.exchange.deadline);
  }

  /** Nobody needs the answers any more. */
  refuseAll(): void {
    for (const input of this.own) input.refuse();
  }
}
