import type { CancelListener } from '../../core/cancellation.js';
import { CancelledError } from '../../core/errors.js';
import type { Exchange } from '../../core/exchange.js';
import type { Relay } from '../../core/filter.js';
import type { KeyedRequest } from './input-required.js';
import { RoundQuestion, type RoundHost } from './round-question.js';

/** What came of a round: the answers, or the method of the question that there is no answer to. */
export type RoundOutcome =
  | {
      /** JSON of an object: by key, as the client wrote them. */
      readonly responses: string;
      /** Ids of the pages that the user agreed to open. */
      readonly pages: readonly string[];
    }
  | { readonly denied: string };

/**
 * Everything that a modern server asks of a legacy client at once. It is over when all of it is answered, as soon as
 * one question has no answer, or when nobody waits for the reply any more; what is still open then is withdrawn.
 */
export class Round implements RoundHost, CancelListener {
  private readonly open: Set<RoundQuestion>;
  private readonly responses: string[] = [];
  private readonly pages: string[] = [];
  private resolve!: (outcome: RoundOutcome) => void;
  private reject!: (thrown: unknown) => void;
  private over = false;

  constructor(
    requests: readonly KeyedRequest[],
    private readonly exchange: Exchange,
  ) {
    this.open = new Set(requests.map((request) => new RoundQuestion(request, this)));
  }

  /** Asks all of it. @throws `exchange_cancelled` */
  run(relay: Relay): Promise<RoundOutcome> {
    const { exchange, open } = this;
    return new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
      if (exchange.signal.aborted) return this.handleEvent();
      exchange.signal.addEventListener('abort', this);
      for (const question of Array.from(open)) {
        if (!this.over) relay(question.request, exchange);
      }
    });
  }

  answered(question: RoundQuestion, json: string): void {
    this.open.delete(question);
    this.responses.push(`${JSON.stringify(question.key)}:${json}`);
    if (question.elicitationId !== undefined && isAccepted(json)) this.pages.push(question.elicitationId);
    if (this.open.size === 0) this.end({ responses: `{${this.responses.join(',')}}`, pages: this.pages });
  }

  denied(question: RoundQuestion): void {
    this.open.delete(question);
    this.end({ denied: question.method });
  }

  /** Nobody waits for the reply any more. */
  handleEvent(): void {
    this.reject(new CancelledError());
    this.close();
  }

  private end(outcome: RoundOutcome): void {
    this.resolve(outcome);
    this.close();
  }

  private close(): void {
    this.over = true;
    this.exchange.signal.removeEventListener('abort', this);
    for (const question of Array.from(this.open)) question.withdraw();
    this.open.clear();
  }
}

function isAccepted(json: string): boolean {
  return (JSON.parse(json) as { action?: unknown }).action === 'accept';
}
