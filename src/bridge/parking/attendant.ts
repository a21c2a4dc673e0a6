import { CancelledError } from '../../core/errors.js';
import type { Exchange } from '../../core/exchange.js';
import type { Relay } from '../../core/filter.js';
import type { McpReply, McpRequest } from '../../core/message.js';

/** One request of a client that waits for what becomes of a call, until it has its reply or goes away. */
export class Attendant {
  readonly reply: Promise<McpReply>;
  private resolve!: (reply: McpReply) => void;
  private reject!: (thrown: unknown) => void;

  /** @param relay leads to the client of this request */
  constructor(
    readonly request: McpRequest,
    readonly exchange: Exchange,
    readonly relay: Relay,
    private readonly gone: (attendant: Attendant, reason: Error) => void,
  ) {
    this.reply = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Whoever is not there any more does not hear how it ended.
    this.reply.catch(() => undefined);
    exchange.signal.addEventListener('abort', this);
  }

  settle(reply: McpReply): void {
    this.leave();
    this.resolve(reply);
  }

  fail(thrown: unknown): void {
    this.leave();
    this.reject(thrown);
  }

  /** The signal of its exchange was aborted. */
  handleEvent(): void {
    const reason: unknown = this.exchange.signal.reason;
    const error = reason instanceof Error ? reason : new CancelledError();
    this.fail(error);
    this.gone(this, error);
  }

  private leave(): void {
    this.exchange.signal.removeEventListener('abort', this);
  }
}
