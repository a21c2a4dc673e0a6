import type { Exchange } from '../core/exchange.js';
import type { Filter, Next, Relay, Terminal } from '../core/filter.js';
import type { InterimMessage, McpReply, McpRequest } from '../core/message.js';

/**
 * The filters of one route, outermost first, closed over the terminal they lead to. Immutable: a reload
 * builds a new chain, and an exchange keeps the one it started with. A chain without filters is the
 * terminal itself.
 */
export class FilterChain {
  private readonly first: Next;
  private readonly relays: readonly Filter[];

  constructor(filters: readonly Filter[], terminal: Terminal) {
    // Innermost first, the way replies travel.
    this.relays = filters.filter((filter) => filter.relay).toReversed();
    const relay: Relay = this.relays.length > 0 ? (message, exchange) => this.relay(message, exchange) : deliver;
    const last: Next = (request, exchange) => terminal.send(request, exchange, relay);
    this.first = filters.reduceRight<Next>(
      (next, filter) => (request, exchange) => filter.handle(request, exchange, next),
      last,
    );
  }

  run(request: McpRequest, exchange: Exchange): Promise<McpReply> {
    return this.first(request, exchange);
  }

  private relay(message: InterimMessage, exchange: Exchange): void {
    let passing: InterimMessage | undefined = message;
    for (const filter of this.relays) {
      const given: InterimMessage = passing;
      passing = filter.relay?.(given, exchange);
      if (!passing) return dropped(given);
    }
    exchange.deliver(passing);
  }
}

/** What nobody is asked is refused at once: its server waits for it. */
function dropped(message: InterimMessage): void {
  if (message.kind === 'request') message.refused();
}

function deliver(message: InterimMessage, exchange: Exchange): void {
  exchange.deliver(message);
}
