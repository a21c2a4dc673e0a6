import {
  askForPages,
  isInputRequired,
  missingCapabilities,
  pagesWanted,
  readInputRequired,
  readRecall,
  retryParams,
  unfulfilled,
  type AskingResult,
  type Brought,
  type ParkingLot,
  type Recall,
  type RequestStates,
  type Sending,
} from '../../bridge/index.js';
import { GatewayError } from '../../core/errors.js';
import type { Exchange } from '../../core/exchange.js';
import type { Relay } from '../../core/filter.js';
import { isObject, JsonBytes, splice, type JsonObject } from '../../core/json.js';
import type { McpReply, McpRequest, McpResult } from '../../core/message.js';
import { members, objectOf } from '../../core/walk.js';
import { readParams, type LogLevel } from '../../protocol/index.js';
import type { Group, Holder } from '../../upstream/index.js';
import type { Holders } from '../holder/holders.js';
import type { LogLevels } from '../log-levels.js';
import { checkMirrors, delivered } from './delivery.js';
import { prefer, type ForwardCall } from './forward-call.js';

/** What requests of modern clients are forwarded with. */
export interface ModernForwardingParts {
  readonly states: Pick<RequestStates, 'seal' | 'open'>;
  readonly lot: Pick<ParkingLot, 'call' | 'resume'>;
  readonly holders: Pick<Holders, 'lend'>;
  readonly levels: Pick<LogLevels, 'want'>;
}

/**
 * Requests of modern clients: what a server needs first is their reply, with a sealed state by which the request that
 * brings the answers goes on where this one ended.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/utilities/mrtr
 */
export class ModernForwarding {
  constructor(private readonly parts: ModernForwardingParts) {}

  /**
   * @throws as `Group.send`; `state_invalid`, `state_expired`, `protocol_header_mismatch`,
   * `protocol_missing_capability`; as the parking lot
   */
  forward(call: ForwardCall): Promise<McpReply> {
    try {
      return this.begin(call);
    } catch (thrown) {
      return Promise.reject(GatewayError.from(thrown));
    }
  }

  private begin(call: ForwardCall): Promise<McpReply> {
    const { request, exchange, relay } = call;
    checkMirrors(call);
    const held = this.parts.states.open(request, exchange);
    if (!held) return this.start(call);
    if (held.typ === 'parked') return this.parts.lot.resume(held, request, exchange, relay);
    if (held.typ === 'recall') return this.recall(call, held);
    prefer(exchange, held.server);
    return this.start(withParams(call, { requestState: held.state, inputResponses: responsesOf(request) }));
  }

  private start({ request: given, exchange, relay, member }: ForwardCall): Promise<McpReply> {
    const request = withoutTask(given);
    const mayBeAsked = member.group.era !== 'modern' && canBeAsked(exchange.declares);
    if (!mayBeAsked) return this.send({ request, exchange, relay: refusing(relay), member });
    const send: Sending = (request, exchange, relay) => this.send({ request, exchange, relay, member });
    return this.parts.lot.call(request, exchange, relay, send);
  }

  private send(call: ForwardCall): Promise<McpReply> {
    const { request, exchange, relay, member } = call;
    try {
      const holder = this.holderOf(exchange, member.group);
      const sent = delivered({ request, exchange, relay: member.relayTo(relay), member }, holder);
      return sent.then((reply) => this.replied(reply, call));
    } catch (thrown) {
      return Promise.reject(GatewayError.from(thrown));
    }
  }

  private replied(reply: McpReply, { request, exchange, member }: ForwardCall): McpReply {
    const pages = reply.kind === 'error' ? pagesWanted(reply) : undefined;
    if (pages) return this.askForPages(pages, request, exchange);
    const shown = member.exposeMade(request, reply, exchange);
    if (isInputRequired(request.method, shown)) return this.sealed(shown, request, exchange);
    return member.freshRead(request, shown);
  }

  /** Whose session is told the level of the request: on one that everybody shares it is that of everybody. */
  private holderOf(exchange: Exchange, group: Group): Holder | undefined {
    if (group.era === 'modern') return undefined;
    const { holders, levels } = this.parts;
    const holder = holders.lend(exchange, group);
    if (!holder && exchange.logLevel !== undefined) levels.want(group, exchange.logLevel as LogLevel);
    return holder;
  }

  /** A server's question, with our state in the place of the server's. */
  private sealed(reply: AskingResult, request: McpRequest, exchange: Exchange): McpResult {
    const { requests, state, stateAt } = readInputRequired(reply);
    if (missingCapabilities(requests, exchange.declares)) {
      throw new GatewayError('upstream_protocol_error', 'the server asks for what the client did not declare');
    }
    if (state === undefined) return reply;
    const content = { typ: 'relayed', server: exchange.server?.server, state } as const;
    const bytes = Buffer.from(JSON.stringify(this.parts.states.seal(content, request, exchange)));
    const json = new JsonBytes(
      splice(
        reply.json.bytes,
        stateAt.map((at) => ({ at, bytes })),
      ),
    );
    return { ...reply, json };
  }

  /** The client comes back from the pages that it was asked to open: then the request begins anew. */
  private async recall(call: ForwardCall, held: Recall): Promise<McpReply> {
    const { request, exchange } = call;
    const answer = readRecall(held, request.params);
    if (answer === 'accepted') return this.start(withParams(call, {}));
    if (answer === 'declined') return unfulfilled(request.method, 'The user did not open the page that is needed.');
    return this.askForPages(answer, request, exchange);
  }

  private askForPages(pages: Recall, request: McpRequest, exchange: Exchange): McpReply {
    const { elicitation } = exchange.declares;
    if (!isObject(elicitation) || elicitation['url'] === undefined) {
      const requiredCapabilities = { elicitation: { url: {} } };
      throw new GatewayError('protocol_missing_capability', 'a page has to be opened first', { requiredCapabilities });
    }
    return askForPages(pages, this.parts.states.seal(pages, request, exchange));
  }
}

/** In this era a client has no say in what becomes a task; a server of the other one would make one. */
function withoutTask(request: McpRequest): McpRequest {
  const { params } = request;
  if (!params?.spans.task) return request;
  const kept = members(params.bytes).filter(({ key }) => key !== 'task');
  return request.withParams(readParams(objectOf(params.bytes, kept)));
}

function withParams(call: ForwardCall, brought: Brought): ForwardCall {
  const { request } = call;
  return { ...call, request: request.withParams(retryParams(request.params, brought)) };
}

/** JSON, as the client wrote it. */
function responsesOf({ params }: McpRequest): string | undefined {
  const at = params?.spans.inputResponses;
  return at && params.bytes.toString('utf8', at[0], at[1]);
}

/** Whether a legacy server may ask anything of whoever declares this. */
function canBeAsked({ sampling, elicitation, roots }: JsonObject): boolean {
  return sampling !== undefined || elicitation !== undefined || roots !== undefined;
}

const refusals = new WeakMap<Relay, Relay>();

/** A client that nobody parks for cannot be asked anything while it waits. */
function refusing(relay: Relay): Relay {
  let refusing = refusals.get(relay);
  if (!refusing) {
    refusing = (message, exchange) => {
      if (message.kind === 'request') message.refused();
      else relay(message, exchange);
    };
    refusals.set(relay, refusing);
  }
  return refusing;
}
