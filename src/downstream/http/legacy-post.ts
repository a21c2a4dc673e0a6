import { Inject, Injectable, Optional } from '@nestjs/common';

import type { GatewayError } from '../../core/errors.js';
import type { Peer } from '../../core/peer.js';
import { replyFrame, type Incoming } from '../../protocol/index.js';
import { type SealedSession, Session } from '../../session/index.js';
import type { Delivery } from '../delivery/delivery.js';
import { DELIVERY } from '../delivery/delivery.token.js';
import { LegacyReceiver } from '../legacy-receiver.js';
import type { Leg } from '../leg.js';
import { type HttpCall, refusalOf, sessionToken } from './http-call.js';
import { HttpRules } from './http-rules.js';
import { HttpSessions } from './http-sessions.js';
import { KeepAlive } from './keep-alive.js';
import type { Acceptance } from './media.js';
import { MessageStreams } from './message-streams.js';
import { PostResponse } from './post-response.js';
import { refuse, sendJson } from './refusal.js';

/** A POST of a client that says nothing of the modern era. */
export interface LegacyArrival {
  readonly call: HttpCall;
  readonly accepts: Acceptance;
  /** Undefined where it came without one, or with an id that leads nowhere. */
  readonly session: SealedSession | undefined;
  readonly body: Buffer;
}

/**
 * POST of Streamable HTTP for legacy downstreams: one message, or a batch where the revision has them. Judges in a
 * fixed order, and the first thing that is wrong answers.
 */
@Injectable()
export class LegacyPost {
  constructor(
    private readonly receiver: LegacyReceiver,
    private readonly sessions: HttpSessions,
    private readonly streams: MessageStreams,
    private readonly keepAlives: KeepAlive,
    private readonly rules: HttpRules,
    @Optional() @Inject(DELIVERY) private readonly delivery: Delivery | null,
  ) {}

  take(incoming: Incoming, arrival: LegacyArrival): void {
    const { call, session, body } = arrival;
    const problem = incoming.kind === 'malformed' ? undefined : this.problem(incoming, call, session);
    if (problem) return refuseMessage(call, incoming, refusalOf(call, problem));
    const { delivery } = this;
    if (!session || !delivery?.isHomebound(incoming, session, call)) return this.serve(incoming, arrival);
    delivery.bringPost(
      { call, session, body },
      {
        here: () => this.arrivedHome(incoming, { ...arrival, session }),
        failed: (error) => refuseMessage(call, incoming, error),
      },
    );
  }

  /** The worker that the session was at home in has ended, and this one has taken its place. */
  private arrivedHome(incoming: Incoming, arrival: LegacyArrival & { readonly session: SealedSession }): void {
    const { session, call } = arrival;
    // It may have ended meanwhile; and it is here now, so that nothing takes it away any more.
    const problem = this.rules.sessionProblem(session);
    if (problem) return refuseMessage(call, incoming, refusalOf(call, problem));
    this.delivery?.isHomebound(incoming, session, call);
    this.serve(incoming, arrival);
  }

  private serve(incoming: Incoming, { call, accepts, session }: LegacyArrival): void {
    const asking = { sse: accepts.sse, session, call };
    const answer = new PostResponse(call.response, asking, this.streams, this.keepAlives);
    this.receiver.receive(incoming, this.leg(incoming, call, session), answer);
    if (!expectsReply(incoming)) answer.accepted();
  }

  /** What is wrong with a well-formed message before anybody looks at what it wants. */
  private problem(incoming: Incoming, call: HttpCall, session: SealedSession | undefined): GatewayError | undefined {
    const problem = this.rules.revisionProblem(call.request.headers);
    if (problem) return problem;
    if (sessionToken(call) !== undefined) return this.rules.sessionProblem(session);
    // A request gets its answer from the receiver: it may be an introduction, or a probe for another era.
    if (incoming.kind === 'request' || (incoming.kind === 'batch' && introduces(incoming))) return undefined;
    return this.rules.sessionMissing();
  }

  private leg(incoming: Incoming, call: HttpCall, session: SealedSession | undefined): Leg {
    // A request is about nothing but itself.
    const fellows = incoming.kind === 'request' || !session ? undefined : this.delivery?.fellowsOf(session, call);
    return {
      session: session ?? new Session('', call.principal, call.route.name),
      route: call.route,
      routeName: call.route.name,
      clientAddress: call.clientAddress,
      principal: call.principal,
      headers: call.request.headers,
      duplex: false,
      fellows,
      introduce: (peer: Peer) => {
        const created = this.sessions.create(peer, call);
        call.response.setHeader('mcp-session-id', created.token);
        return created;
      },
    };
  }
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
