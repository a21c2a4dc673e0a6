import { Inject, Injectable, Logger, Optional } from '@nestjs/common';

import { GatewayError } from '../../core/errors.js';
import type { SealedSession } from '../../session/index.js';
import type { Delivery } from '../delivery/delivery.js';
import { DELIVERY } from '../delivery/delivery.token.js';
import { Intake } from '../intake.js';
import { isOwnStream, readEventId } from './event-store/event-id.js';
import { type HttpCall, refusalOf, sessionToken } from './http-call.js';
import { HttpRules } from './http-rules.js';
import { HttpSessions } from './http-sessions.js';
import { MessageStreams } from './message-streams.js';
import { refuse } from './refusal.js';
import { SessionStreams } from './session-streams.js';

/** GET and DELETE of Streamable HTTP: a session's own stream, any stream that is gone on with, and the end of the session. */
@Injectable()
export class StreamHandler {
  private readonly logger = new Logger('Streams');

  constructor(
    private readonly sessions: HttpSessions,
    private readonly streams: SessionStreams,
    private readonly messages: MessageStreams,
    private readonly intake: Intake,
    private readonly rules: HttpRules,
    @Optional() @Inject(DELIVERY) private readonly delivery: Delivery | null,
  ) {}

  /**
   * @throws `protocol_not_acceptable`, `protocol_unsupported_revision`, `session_required`, `session_unknown`,
   * `stream_unknown`, `gateway_draining`
   */
  async handle(call: HttpCall): Promise<void> {
    const { request, response } = call;
    // What a GET or DELETE may carry as a body means nothing.
    request.resume();
    const { headers } = request;
    const accepted = request.method === 'GET' ? this.rules.streamProblem(headers) : undefined;
    const problem = accepted ?? this.rules.revisionProblem(headers);
    if (problem) throw problem;
    const session = await this.session(call);
    if (request.method === 'GET') return this.bring(session, call);
    await this.sessions.end(session);
    response.writeHead(200, { 'content-length': 0 });
    response.end();
  }

  /** To the worker that has the stream, where this one has not. */
  private async bring(session: SealedSession, call: HttpCall): Promise<void> {
    const last = this.lastOf(session, call);
    const failed = (thrown: unknown): void => this.refuse(call, thrown);
    const here = (): void => void this.listen(session, call).catch(failed);
    if (!this.delivery?.takesStream(session, { call, last }, { here, failed })) return this.listen(session, call);
  }

  private async listen(session: SealedSession, call: HttpCall): Promise<void> {
    const last = this.lastOf(session, call);
    return last === undefined ? this.open(session, call) : this.resume(session, last, call);
  }

  /** Up to where the client has read. Who was never given an id has made that one up. */
  private lastOf(session: SealedSession, { request }: HttpCall): string | undefined {
    const last = request.headers['last-event-id'];
    return typeof last === 'string' && last !== '' && this.messages.areResumable(session) ? last : undefined;
  }

  private refuse(call: HttpCall, thrown: unknown): void {
    const error = GatewayError.from(thrown);
    if (error.code === 'gateway_fault') this.logger.error(error.cause ?? error);
    refuse(call.response, refusalOf(call, error));
  }

  private open(session: SealedSession, { principal, response }: HttpCall): void {
    if (this.intake.draining) throw new GatewayError('gateway_draining', 'the gateway is stopping');
    // It may have ended while it was looked up.
    const problem = this.rules.sessionProblem(session);
    if (problem) throw problem;
    if (!response.destroyed) this.streams.open(session, principal, response);
  }

  /**
   * Goes on with a stream. Where all was said the answer is 204, upon which event sources stop asking. A session's
   * own stream that is not known any more is simply opened anew: after a pause or a restart a client would be deaf
   * otherwise. Any other cannot be: nobody has its reply.
   *
   * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#server-sent-events-intro
   */
  private async resume(session: SealedSession, last: string, call: HttpCall): Promise<void> {
    const id = readEventId(last);
    const outcome = id ? await this.messages.resume(session, id, call.response) : 'unknown';
    if (outcome === 'resumed')
      return id && isOwnStream(id.stream) ? this.streams.lasts(session, call.principal) : undefined;
    if (outcome === 'over') return nothingMore(call);
    if (!id || !isOwnStream(id.stream)) throw new GatewayError('stream_unknown', 'no such stream, or not any more');
    // It gave way to another, or would have to now: two streams would take turns for ever.
    if (this.streams.has(session)) return nothingMore(call);
    this.open(session, call);
  }

  private async session(call: HttpCall): Promise<SealedSession> {
    const token = sessionToken(call);
    const session = token === undefined ? undefined : await this.sessions.find(token, call);
    const problem = token === undefined ? this.rules.sessionMissing() : this.rules.sessionProblem(session);
    if (!session || problem) throw problem;
    return session;
  }
}

function nothingMore({ response }: HttpCall): void {
  if (response.destroyed) return;
  response.writeHead(204);
  response.end();
}
