import { Inject, Injectable } from '@nestjs/common';

import { ConfigService } from '../config/index.js';
import { GatewayError } from '../core/errors.js';
import { Events } from '../core/events.js';
import { errorReply, result } from '../core/message.js';
import { PRODUCT, type Product } from '../core/product.js';
import { checkParams, codecFor, isKnownMethod, NULL_ID, ReplyFrame, Violation } from '../protocol/index.js';
import type { Incoming, IncomingBatch, IncomingReply, IncomingRequest, Malformed } from '../protocol/index.js';
import { batchMessages, batchProblem, BatchReplies, duplicateId } from './batch.js';
import { ExchangeFactory } from './exchange.factory.js';
import type { Origin } from './exchange-host.js';
import { Intake } from './intake.js';
import type { Leg } from './leg.js';
import type { LegacyExchange } from './legacy-exchange.js';
import type { Stray } from './fellows.js';
import { takeNotice, type Teller } from './notice.js';
import type { Outlet } from './outlet.js';
import { draining, tooMany } from './overload.js';
import { ServerSection } from './server.section.js';
import { Validation } from './validation.js';

const CODEC = codecFor('legacy');

/** What a server is told whose question a client answered with something that is neither a result nor an error. */
const NO_ANSWER = errorReply(-32603, 'the client gave no proper answer');

/**
 * Takes the messages of legacy downstreams, whichever transport they came by: answers what concerns the
 * leg itself (introduction, ping, cancellation) and opens an exchange for the rest.
 */
@Injectable()
export class LegacyReceiver {
  private readonly maxInFlight: number;

  constructor(
    private readonly exchanges: ExchangeFactory,
    private readonly intake: Intake,
    private readonly events: Events,
    @Inject(PRODUCT) private readonly product: Product,
    private readonly validation: Validation,
    config: ConfigService,
  ) {
    this.maxInFlight = config.get(ServerSection).maxInFlight;
  }

  /** Never throws. Requests are answered through the outlet, whatever is the matter with them. */
  receive(incoming: Incoming, leg: Leg, outlet: Outlet): void {
    switch (incoming.kind) {
      case 'request':
        return this.request(incoming, leg, outlet);
      case 'notification':
        return takeNotice(incoming, leg) ? undefined : this.strayed(incoming, leg);
      case 'batch':
        return this.batch(incoming, leg, outlet);
      case 'malformed':
        return this.malformed(incoming, leg, outlet);
      case 'reply':
        return this.reply(incoming, leg);
    }
  }

  private request(request: IncomingRequest, leg: Leg, outlet: Outlet): void {
    const { session } = leg;
    if (session.inFlight.has(request.id.value)) return this.duplicate(request, leg, outlet);
    if (request.method === 'initialize') return this.initialize(request, leg, outlet);
    const exchange = this.exchanges.open(request, leg, outlet);
    if (request.method === 'ping' && (session.peer || leg.duplex)) return this.ping(exchange, leg);
    const refusal = this.refusal(request, leg);
    if (refusal) return exchange.fail(refusal);
    exchange.run(leg.route);
  }

  private ping(exchange: LegacyExchange, leg: Leg): void {
    const held = this.intake.tooSoon(leg);
    if (held) exchange.fail(held);
    else exchange.settle(result({}));
  }

  /** Why a request goes no further than this leg. */
  private refusal({ method, params }: IncomingRequest, leg: Leg): GatewayError | undefined {
    const { peer, pending } = leg.session;
    // Before a revision is agreed on, what any of them knows is known.
    if (!isKnownMethod(method, peer?.revision)) return new GatewayError('protocol_unknown_method', 'method not found');
    if (!peer) {
      const problem = leg.duplex
        ? new Violation('not_initialized', 'not initialized')
        : new Violation('session_required', 'Mcp-Session-Id required');
      return this.validation.judge(problem);
    }
    if (this.intake.draining) return draining();
    if (pending >= this.maxInFlight) return tooMany();
    return this.validation.judge(checkParams(method, params));
  }

  private initialize(request: IncomingRequest, leg: Leg, outlet: Outlet): void {
    let exchange: LegacyExchange | undefined;
    try {
      const problem = this.introductionProblem(request, leg);
      if (problem) throw problem;
      const { route } = leg;
      if (!route) throw new GatewayError('route_unknown', 'no such route');
      const peer = CODEC.readInitialize(request.params);
      const session = leg.introduce(peer);
      exchange = this.exchanges.open(request, { ...origin(leg), session }, outlet);
      exchange.settle(CODEC.initializeResult(peer, { info: this.product, ...route.introduction(exchange.principal) }));
    } catch (thrown) {
      exchange ??= this.exchanges.open(request, leg, outlet);
      exchange.fail(thrown);
    }
  }

  private introductionProblem({ method, params }: IncomingRequest, leg: Leg): GatewayError | undefined {
    const held = this.intake.tooSoon(leg);
    if (held) return held;
    if (leg.session.peer) return this.validation.judge(new Violation('initialized_twice', 'already initialized'));
    return this.intake.draining ? draining() : this.validation.judge(checkParams(method, params));
  }

  /** The answer to something that this downstream was asked; to nothing that any other was. */
  private reply(incoming: IncomingReply, leg: Leg): void {
    if (!leg.session.inputs.answered(incoming.id.value, incoming.reply)) this.strayed(incoming, leg);
  }

  /** Takes what another worker was sent and knows nothing of. Whether it is about something here. */
  settle(incoming: Stray, teller: Teller): boolean {
    if (incoming.kind === 'notification') return takeNotice(incoming, teller);
    return teller.session.inputs.answered(incoming.id.value, incoming.reply);
  }

  /** It is about nothing here. */
  private strayed(incoming: Stray, { fellows }: Leg): void {
    if (fellows) fellows.tell(incoming, () => this.missed(incoming));
    else this.missed(incoming);
  }

  /** It is about nothing that there is. A cancellation may have crossed the answer. */
  private missed(incoming: Stray): void {
    if (incoming.kind === 'reply') this.dropped('stray_reply');
    else if (incoming.method === 'notifications/progress') this.dropped('stray_progress');
  }

  private batch(batch: IncomingBatch, leg: Leg, outlet: Outlet): void {
    const problem = batchProblem(batch);
    if (problem) return this.malformed({ kind: 'malformed', error: problem, id: undefined }, leg, outlet);
    const replies = new BatchReplies(batch, outlet);
    for (const message of batchMessages(batch)) this.receive(message, leg, replies.next(message));
  }

  private malformed({ error, id }: Malformed, leg: Leg, outlet: Outlet): void {
    this.dropped(error.code);
    this.validation.judge(error);
    // Only the params are wrong and there is no id: a notification, which nobody answers.
    if (!id && error.code === 'protocol_invalid_params') return outlet.nothing();
    const { inFlight, inputs } = leg.session;
    const isAnswer = id !== undefined && inputs.answered(id.value, NO_ANSWER);
    // An id that is in use here would pass the error off as the reply to another request.
    const known = id && !isAnswer && !inFlight.has(id.value) ? id.bytes : undefined;
    outlet.reply(ReplyFrame.of(known ?? nobody(leg), error.toReply('legacy')), error);
  }

  private duplicate({ id }: IncomingRequest, leg: Leg, outlet: Outlet): void {
    this.dropped('duplicate_id');
    const error = duplicateId(id.value);
    this.validation.judge(error);
    // On one wire the id would complete the first request.
    outlet.reply(ReplyFrame.of(leg.duplex ? undefined : id.bytes, error.toReply('legacy')), error);
  }

  /** Announces a message that nobody can use. @param why from a fixed set */
  dropped(why: string): void {
    this.events.emit('message.dropped', { where: 'downstream', why });
  }
}

/** How an error says that it belongs to no request: `id: null` over HTTP, no id at all on a shared wire. */
function nobody(leg: Leg): Buffer | undefined {
  return leg.duplex ? undefined : NULL_ID;
}

function origin({ session, routeName, clientAddress, principal, headers }: Leg): Origin {
  return { session, routeName, clientAddress, principal, headers };
}
