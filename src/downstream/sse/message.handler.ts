import type { IncomingMessage, ServerResponse } from 'node:http';

import { Inject, Injectable, Optional } from '@nestjs/common';

import { ConfigService } from '../../config/index.js';
import { GatewayError } from '../../core/errors.js';
import type { Principal } from '../../core/principal.js';
import { scan, type Incoming, type ScanLimits } from '../../protocol/index.js';
import { batchProblem } from '../batch.js';
import type { Delivery } from '../delivery/delivery.js';
import { DELIVERY } from '../delivery/delivery.token.js';
import { type BodyBounds, readBody } from '../http/body.js';
import { HttpRules } from '../http/http-rules.js';
import { refusalBody, refuse, sendJson } from '../http/refusal.js';
import { Intake } from '../intake.js';
import type { Leg } from '../leg.js';
import { Receiver } from '../receiver.js';
import { scanLimits } from '../scan-limits.js';
import { ServerSection } from '../server.section.js';
import { placeOf, sessionOf } from './endpoint.js';
import { RefusedPost } from './refused-post.js';
import type { SseConnection } from './sse-connection.js';
import { SseSessions } from './sse-sessions.js';

/** Who posted a message, and waits to hear that it was taken. */
export interface Sender {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly principal: Principal;
  /** Whether another worker has handed it over. */
  readonly handedOver: boolean;
}

/**
 * POST of HTTP+SSE: takes a message for a session, and says no more than that it was taken. The answer comes on the
 * stream of the session.
 *
 * What cannot be a message is answered 400 whatever is wrong with it, a media type too, and a session that is not
 * there with a bare 404: that is what the reference implementation says, which the clients of this transport were
 * written against.
 */
@Injectable()
export class MessageHandler {
  private readonly bounds: BodyBounds;
  private readonly limits: (revision: string | undefined) => ScanLimits;

  constructor(
    private readonly sessions: SseSessions,
    private readonly receiver: Receiver,
    private readonly rules: HttpRules,
    private readonly intake: Intake,
    config: ConfigService,
    @Optional() @Inject(DELIVERY) private readonly delivery: Delivery | null,
  ) {
    const server = config.get(ServerSection);
    this.bounds = { maxBytes: server.maxBodyBytes, exceeded: () => rules.oversized() };
    this.limits = scanLimits(server);
  }

  /** @throws `session_required`, `protocol_unsupported_revision`, `limit_in_flight` */
  handle(sender: Sender): void {
    const { request, response, principal } = sender;
    const token = sessionOf(request.url);
    if (token === undefined) throw new GatewayError('session_required', 'sessionId required');
    const connection = this.sessions.find(token, principal);
    if (!connection) return this.isBrought(token, sender) ? undefined : unknownSession(response);
    // Messages of either era are posted here, and say themselves of which they are.
    const problem = this.rules.namedRevisionProblem(request.headers);
    if (problem) throw problem;
    const media = this.rules.bodyProblem(request.headers);
    if (media) return sendJson(response, 400, refusalBody(media));
    const isHeard = connection.whenRead(() =>
      readBody(request, response, this.bounds, (body) => this.take(body, connection, sender)),
    );
    if (!isHeard) throw new GatewayError('limit_in_flight', 'the stream is read too slowly', { retryAfterMs: 1_000 });
  }

  /** Whether it was for a session of another worker, and is there by now. */
  private isBrought(token: string, { request, response, handedOver }: Sender): boolean {
    const place = placeOf(token);
    if (!this.delivery || !place || handedOver) return false;
    const here = (): void => unknownSession(response);
    const failed = (error: GatewayError): void => refuse(response, error);
    return this.delivery.takesMessage(place.slot, { request, response, intake: this.intake }, { here, failed });
  }

  private take(body: Buffer, connection: SseConnection, { principal, response }: Sender): void {
    const { session } = connection;
    const leg = connection.legFor(principal);
    if (session.ended) return unknownSession(response);
    connection.heard();
    const incoming = scan(body, this.limits(session.peer?.revision));
    if (!isMessage(incoming)) return this.receiver.receive(incoming, alone(leg), new RefusedPost(response));
    accept(response);
    this.receiver.receive(incoming, leg, leg);
  }
}

/** Whether a body is a message at all. What is a request, but a bad one, gets its answer on the stream. */
function isMessage(incoming: Incoming): boolean {
  if (incoming.kind === 'batch') return batchProblem(incoming) === undefined;
  return incoming.kind !== 'malformed' || incoming.error.code === 'protocol_invalid_params';
}

/** The same leg, where what is answered is not on the stream but alone on the response to the POST. */
function alone(leg: Leg): Leg {
  const { session, route, routeName, clientAddress, principal, headers } = leg;
  return {
    session,
    route,
    routeName,
    clientAddress,
    principal,
    headers,
    duplex: false,
    introduce: (peer) => leg.introduce(peer),
  };
}

function accept(response: ServerResponse): void {
  if (response.destroyed) return;
  response.writeHead(202, { 'content-length': 0 });
  response.end();
}

function unknownSession(response: ServerResponse): void {
  if (response.destroyed) return;
  response.writeHead(404, { 'content-length': 0 });
  response.end();
}
