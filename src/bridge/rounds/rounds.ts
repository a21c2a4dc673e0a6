import { Inject, Injectable } from '@nestjs/common';

import { CLOCK, type Clock } from '../../core/clock.js';
import { GatewayError } from '../../core/errors.js';
import type { Exchange } from '../../core/exchange.js';
import type { Relay } from '../../core/filter.js';
import type { McpReply, McpRequest } from '../../core/message.js';
import { readParams } from '../../protocol/index.js';
import { isInputRequired, readInputRequired } from './input-required.js';
import { pause } from './pause.js';
import { missingCapabilities } from './required-capability.js';
import { retryParams } from './retry-params.js';
import { Round } from './round.js';
import { lackingCapability, unfulfilled } from './unfulfilled.js';

/** As often as a server may ask in the course of one request. */
const MAX_ROUNDS = 10;
/** How long a server is left alone that asks for nothing but to be asked again: at first, and at most. Milliseconds. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 4_000;

/** One request of a legacy client to a modern server. */
export interface RoundCall {
  readonly request: McpRequest;
  readonly exchange: Exchange;
  /** Leads to the client. */
  readonly relay: Relay;
  /** Sends it again. */
  readonly send: (request: McpRequest) => Promise<McpReply>;
}

/**
 * Plays the part of a modern client for a legacy one: what the server asks for in its reply the client is asked as
 * legacy servers ask, while its request is held, and the request is sent again with the answers.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/utilities/mrtr
 */
@Injectable()
export class Rounds {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /**
   * What comes of a request in the end.
   *
   * @param reply to the request when it was sent first
   * @throws `exchange_cancelled`; `upstream_protocol_error` when the server asks without end or sense; as `send`
   */
  async settle(reply: McpReply, call: RoundCall): Promise<McpReply> {
    const { request, exchange, send } = call;
    const pages: string[] = [];
    let latest = reply;
    for (let round = 1; isInputRequired(request.method, latest); round++) {
      if (round > MAX_ROUNDS) throw new GatewayError('upstream_protocol_error', 'the server asks again and again');
      const { requests, state: requestState } = readInputRequired(latest);
      const missing = missingCapabilities(requests, exchange.declares);
      if (missing) return lackingCapability(missing);
      let inputResponses: string | undefined;
      if (requests.length === 0) {
        await pause(Math.min(FIRST_PAUSE_MS * 2 ** (round - 1), LONGEST_PAUSE_MS), this.clock, exchange.signal);
      } else {
        const outcome = await new Round(requests, exchange).run(call.relay);
        if ('denied' in outcome) return unfulfilled(request.method, `The client did not answer ${outcome.denied}.`);
        inputResponses = outcome.responses;
        pages.push(...outcome.pages);
      }
      latest = await send(request.withParams(retryParams(request.params, { inputResponses, requestState })));
    }
    if (latest.kind === 'result') tellOfPages(pages, call);
    return latest;
  }
}

/** Legacy clients wait to hear that what was to be done on a page is done: only now does the gateway know. */
function tellOfPages(pages: readonly string[], { exchange, relay }: RoundCall): void {
  for (const elicitationId of pages) {
    const params = readParams(Buffer.from(JSON.stringify({ elicitationId })));
    relay({ kind: 'notification', method: 'notifications/elicitation/complete', params }, exchange);
  }
}
