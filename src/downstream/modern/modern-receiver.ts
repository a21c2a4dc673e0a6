import { Inject, Injectable } from '@nestjs/common';

import { ConfigService } from '../../config/index.js';
import { GatewayError } from '../../core/errors.js';
import { Events } from '../../core/events.js';
import type { McpResult } from '../../core/message.js';
import type { Principal } from '../../core/principal.js';
import { PRODUCT, type Product } from '../../core/product.js';
import {
  checkParams,
  codecFor,
  isKnownMethod,
  modernHeaderProblem,
  NULL_ID,
  readEnvelope,
  ReplyFrame,
  Violation,
} from '../../protocol/index.js';
import type { Incoming, IncomingNotification, IncomingRequest, Malformed } from '../../protocol/index.js';
import type { Route } from '../../routing/index.js';
import { duplicateId } from '../batch.js';
import { Intake } from '../intake.js';
import type { Outlet } from '../outlet.js';
import { draining, tooMany } from '../overload.js';
import { ServerSection } from '../server.section.js';
import { Validation } from '../validation.js';
import type { ModernLeg } from './modern-leg.js';
import { VisitFactory } from './visit.factory.js';

const CODEC = codecFor('modern');

/**
 * Takes the messages of modern downstreams, whichever transport they came by: tells what a route is, and opens an
 * exchange for the rest. Judges in a fixed order, and the first thing that is wrong answers.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic
 */
@Injectable()
export class ModernReceiver {
  private readonly maxInFlight: number;
  private readonly maxInFlightPerPrincipal: number;

  constructor(
    private readonly visits: VisitFactory,
    private readonly intake: Intake,
    private readonly events: Events,
    @Inject(PRODUCT) private readonly product: Product,
    private readonly validation: Validation,
    config: ConfigService,
  ) {
    const server = config.get(ServerSection);
    this.maxInFlight = server.maxInFlight;
    this.maxInFlightPerPrincipal = server.maxInFlightPerPrincipal;
  }

  /** Never throws. The outlet is told what becomes of every message: a notification gets nothing, as a rule. */
  receive(incoming: Incoming, leg: ModernLeg, outlet: Outlet): void {
    switch (incoming.kind) {
      case 'request':
        return this.request(incoming, leg, outlet);
      case 'notification':
        return this.notification(incoming, leg, outlet);
      case 'malformed':
        return this.malformed(incoming, leg, outlet);
      case 'reply':
        return this.refuse(incoming, new Violation('era', 'Responses are not accepted'), leg, outlet);
      case 'batch':
        return this.refuse(incoming, new Violation('batch_unsupported', 'Batching is not supported'), leg, outlet);
    }
  }

  /** Answers a message that contradicts itself about its era. */
  refuse(incoming: Incoming, problem: Violation, leg: ModernLeg, outlet: Outlet): void {
    if (incoming.kind !== 'request') return this.refuseNobody(problem, leg, outlet);
    if (this.isTwice(incoming, leg)) return this.duplicate(incoming, leg, outlet);
    this.visits.openForStranger(incoming, leg, outlet).fail(this.broken(problem));
  }

  private request(request: IncomingRequest, leg: ModernLeg, outlet: Outlet): void {
    if (this.isTwice(request, leg)) return this.duplicate(request, leg, outlet);
    const envelope = readEnvelope(request.params);
    if (envelope instanceof Violation) return this.refuse(request, envelope, leg, outlet);
    const exchange = this.visits.open(request, envelope, leg, outlet);
    const refusal = this.refusal(request, envelope.peer.revision, leg);
    if (refusal) return exchange.fail(refusal);
    if (request.method !== 'server/discover') return exchange.run(leg.route);
    try {
      exchange.settle(this.introduction(leg.route, envelope.peer.revision, exchange.principal));
    } catch (thrown) {
      exchange.fail(thrown);
    }
  }

  /** Why a request goes no further than this leg. */
  private refusal(request: IncomingRequest, revision: string, leg: ModernLeg): GatewayError | undefined {
    const { method, params } = request;
    const problem = leg.headers && modernHeaderProblem(request, leg.headers);
    if (problem) return this.broken(problem);
    if (!isKnownMethod(method, revision)) return new GatewayError('protocol_unknown_method', 'Method not found');
    // It costs nothing, and clients that get no answer to it take the gateway for something older.
    if (method === 'server/discover') return this.intake.tooSoon(leg);
    if (this.intake.draining) return draining();
    if (this.isBusy(method, leg)) return tooMany();
    return this.validation.judge(checkParams(method, params));
  }

  /** Over HTTP an anonymous client has as many requests in flight as it has connections. Listens are bounded where they are kept. */
  private isBusy(method: string, { session, principal }: ModernLeg): boolean {
    if (method === 'subscriptions/listen') return false;
    if (session) return session.pending >= this.maxInFlight;
    return this.visits.visitors.of(principal) >= this.maxInFlightPerPrincipal;
  }

  private introduction(route: Route | undefined, revision: string, principal: Principal): McpResult {
    if (!route) throw new GatewayError('route_unknown', 'no such route');
    const { ttlMs, ...told } = route.introduction(principal);
    const introduction = CODEC.discoverResult(revision, { info: this.product, ...told });
    return { ...introduction, freshness: { ttlMs, scope: 'private' } };
  }

  private notification(notification: IncomingNotification, leg: ModernLeg, outlet: Outlet): void {
    const problem = leg.headers && modernHeaderProblem(notification, leg.headers);
    if (problem) return this.refuseNobody(problem, leg, outlet);
    // Over HTTP there is nothing that a modern client could tell without asking: it cancels by leaving.
    outlet.nothing();
  }

  private malformed({ error, id }: Malformed, leg: ModernLeg, outlet: Outlet): void {
    this.dropped(error.code);
    // Where the envelope should be.
    const problem = this.broken(error.rule === 'meta' ? new Violation('envelope', error.message) : error);
    // Only the params are wrong and there is no id: a notification, which nobody answers.
    if (!id && error.code === 'protocol_invalid_params') return outlet.nothing();
    outlet.reply(ReplyFrame.of(id?.bytes ?? nobody(leg), problem.toReply('modern')), problem);
  }

  private isTwice({ id }: IncomingRequest, { session }: ModernLeg): boolean {
    return session !== undefined && session.inFlight.has(id.value);
  }

  /** Without the id, which would complete the first request. */
  private duplicate({ id }: IncomingRequest, leg: ModernLeg, outlet: Outlet): void {
    this.dropped('duplicate_id');
    const error = this.broken(duplicateId(id.value));
    outlet.reply(ReplyFrame.of(nobody(leg), error.toReply('modern')), error);
  }

  private refuseNobody(problem: Violation, leg: ModernLeg, outlet: Outlet): void {
    this.dropped(problem.code);
    this.broken(problem);
    outlet.reply(ReplyFrame.of(nobody(leg), problem.toReply('modern')), problem);
  }

  /** For rules that are never forgiven. */
  private broken(problem: Violation): Violation {
    this.validation.judge(problem);
    return problem;
  }

  private dropped(why: string): void {
    this.events.emit('message.dropped', { where: 'downstream', why });
  }
}

/** How an error says that it belongs to no request: `id: null` over HTTP, no id at all on a shared wire. */
function nobody({ duplex }: ModernLeg): Buffer | undefined {
  return duplex ? undefined : NULL_ID;
}
