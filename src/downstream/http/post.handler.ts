import { Injectable } from '@nestjs/common';

import { ConfigService } from '../../config/index.js';
import { GatewayError } from '../../core/errors.js';
import type { Peer } from '../../core/peer.js';
import { replyFrame, scan, type Incoming, type ScanLimits } from '../../protocol/index.js';
import { type SealedSession, Session } from '../../session/index.js';
import type { Leg } from '../leg.js';
import { Receiver } from '../receiver.js';
import { scanLimits } from '../scan-limits.js';
import { ServerSection } from '../server.section.js';
import { type BodyBounds, readBody } from './body.js';
import { type HttpCall, sessionToken } from './http-call.js';
import { HttpRules } from './http-rules.js';
import { HttpSessions } from './http-sessions.js';
import { KeepAlive } from './keep-alive.js';
import type { Acceptance } from './media.js';
import { MessageStreams } from './message-streams.js';
import { PostResponse } from './post-response.js';
import { refuse, sendJson } from './refusal.js';

/** A POST whose body has arrived. */
interface Arrival {
  readonly call: HttpCall;
  readonly body: Buffer;
  readonly accepts: Acceptance;
  /** Whether it came with a session id at all. */
  readonly hasToken: boolean;
}

/**
 * POST of Streamable HTTP for legacy downstreams: one message, or a batch where the revision has them.
 * Judges in a fixed order, and the first thing that is wrong answers.
 */
@Injectable()
export class PostHandler {
  private readonly bounds: BodyBounds;
  private readonly limits: (revision: string | undefined) => ScanLimits;

  constructor(
    private readonly receiver: Receiver,
    private readonly sessions: HttpSessions,
    private readonly streams: MessageStreams,
    private readonly keepAlives: KeepAlive,
    private readonly rules: HttpRules,
    config: ConfigService,
  ) {
    const server = config.get(ServerSection);
    this.bounds = { maxBytes: server.maxBodyBytes, exceeded: () => rules.oversized() };
    this.limits = scanLimits(server);
  }

  /** @throws `protocol_media_type`, `protocol_not_acceptable` */
  handle(call: HttpCall): void {
    const { request, response } = call;
    const problem = this.rules.bodyProblem(request.headers);
    if (problem) throw problem;
    const accepts = this.rules.acceptance(request.headers);
    readBody(request, response, this.bounds, (body) => {
      const token = sessionToken(call);
      const arrival = { call, body, accepts, hasToken: token !== undefined };
      const found = token === undefined ? undefined : this.sessions.find(token, call);
      if (!(found instanceof Promise)) return this.take(arrival, found);
      found.then(
        (session) => this.take(arrival, session),
        (thrown: unknown) => refuse(response, GatewayError.from(thrown)),
      );
    });
  }

  private take(arrival: Arrival, session: SealedSession | undefined): void {
    const { call, body } = arrival;
    const incoming = scan(body, this.limits(session ? session.peer.revision : assumedRevision(call)));
    const problem = incoming.kind === 'malformed' ? undefined : this.problem(incoming, arrival, session);
    if (problem) return refuseMessage(call, incoming, problem);
    this.receive(incoming, arrival, session);
  }

  private receive(incoming: Incoming, { call, accepts }: Arrival, session: SealedSession | undefined): void {
    const asking = { sse: accepts.sse, session };
    const answer = new PostResponse(call.response, asking, this.streams, this.keepAlives);
    this.receiver.receive(incoming, this.leg(call, session), answer);
    if (!expectsReply(incoming)) answer.accepted();
  }

  /** What is wrong with a well-formed message before anybody looks at what it wants. */
  private problem(
    incoming: Incoming,
    { call, hasToken }: Arrival,
    session: SealedSession | undefined,
  ): GatewayError | undefined {
    const problem = this.rules.revisionProblem(call.request.headers);
    if (problem) return problem;
    if (hasToken) return this.rules.sessionProblem(session);
    // A request gets its answer from the receiver: it may be an introduction, or a probe for another era.
    if (incoming.kind === 'request' || (incoming.kind === 'batch' && introduces(incoming))) return undefined;
    return this.rules.sessionMissing();
  }

  private leg(call: HttpCall, session: SealedSession | undefined): Leg {
    return {
      session: session ?? new Session('', call.principal, call.route.name),
      route: call.route,
      routeName: call.route.name,
      clientAddress: call.clientAddress,
      duplex: false,
      introduce: (peer: Peer) => {
        const created = this.sessions.create(peer, call);
        call.response.setHeader('mcp-session-id', created.token);
        return created;
      },
    };
  }
}

/** Whoever names no revision speaks the first that had Streamable HTTP: the specification wants it so. */
const UNNAMED_REVISION = '2025-03-26';

function assumedRevision({ request }: HttpCall): string {
  const header = request.headers['mcp-protocol-version'];
  return typeof header === 'string' ? header : UNNAMED_REVISION;
}

function introduces({ messages }: Extract<Incoming, { kind: 'batch' }>): boolean {
  return messages.some((message) => message.kind === 'request' && message.method === 'initialize');
}

function expectsReply(incoming: Incoming): boolean {
  if (incoming.kind === 'batch') return incoming.messages.some(expectsReply);
  return incoming.kind === 'request' || incoming.kind === 'malformed';
}

/** The error carries the id of the request where there is one. */
function refuseMessage({ response }: HttpCall, incoming: Incoming, error: GatewayError): void {
  if (incoming.kind !== 'request') return refuse(response, error);
  const { http } = error.traits.legacy;
  sendJson(response, http, replyFrame(incoming.id.bytes, error.toReply('legacy')), error);
}
