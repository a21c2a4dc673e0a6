import type { Asker, McpReply, Params } from '../../core/message.js';
import type { IncomingRequest } from '../../protocol/index.js';
import type { Slot } from './call-table.js';

/** Where the answer to an input request goes. */
export interface InputRequestHost {
  answer(request: IncomingRequest, reply: McpReply): void;
  refuse(request: IncomingRequest): void;
  /** What the downstream reports meanwhile. */
  progress(request: IncomingRequest, params: Params): void;
  /** It waits for no answer any more. */
  over(question: Unanswered): void;
}

type Withdrawn = (reason: string | undefined) => void;

/** One input request of a server, until it is answered or withdrawn: only the first of the two counts. */
export class Unanswered implements Asker {
  private state: 'waiting' | 'answered' | 'withdrawn' = 'waiting';
  private reason: string | undefined;
  private callbacks: Withdrawn[] = [];
  private readonly unwatch: (() => void) | undefined;

  /** @param slot the call that it is for, where that is known */
  constructor(
    readonly request: IncomingRequest,
    readonly slot: Slot | undefined,
    private readonly host: InputRequestHost,
  ) {
    this.unwatch = slot?.onEnd(() => this.abandon());
  }

  /** Whether the server got an answer, be it a refusal. */
  get isAnswered(): boolean {
    return this.state === 'answered';
  }

  answered(reply: McpReply): void {
    if (!this.settle()) return;
    this.host.answer(this.request, reply);
    this.host.over(this);
  }

  refused(): void {
    if (!this.settle()) return;
    this.host.refuse(this.request);
    this.host.over(this);
  }

  progressed(params: Params): void {
    if (this.state === 'waiting') this.host.progress(this.request, params);
  }

  onWithdrawn(callback: Withdrawn): void {
    if (this.state === 'waiting') this.callbacks.push(callback);
    else if (this.state === 'withdrawn') callback(this.reason);
  }

  /** The server took it back, or is gone. */
  withdraw(reason: string | undefined): void {
    if (this.state !== 'waiting') return;
    this.state = 'withdrawn';
    this.reason = reason;
    this.unwatch?.();
    const { callbacks } = this;
    this.callbacks = [];
    for (const callback of callbacks) callback(reason);
    this.host.over(this);
  }

  /** True the first time. */
  private settle(): boolean {
    if (this.state !== 'waiting') return false;
    this.state = 'answered';
    this.callbacks = [];
    this.unwatch?.();
    return true;
  }

  /** The call that it is for is over: nobody is asked any more, and the server must not wait for it. */
  private abandon(): void {
    if (this.state !== 'waiting') return;
    this.withdraw(undefined);
    this.host.refuse(this.request);
  }
}
