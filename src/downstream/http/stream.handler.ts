import { Injectable } from '@nestjs/common';

import { GatewayError } from '../../core/errors.js';
import type { SealedSession } from '../../session/index.js';
import { Intake } from '../intake.js';
import { type HttpCall, sessionToken } from './http-call.js';
import { HttpSessions } from './http-sessions.js';
import { checkAcceptsStream } from './media.js';
import { revisionProblem } from './revision-header.js';
import { SessionStreams } from './session-streams.js';

/** GET and DELETE of Streamable HTTP: a session's own stream, and its end. */
@Injectable()
export class StreamHandler {
  constructor(
    private readonly sessions: HttpSessions,
    private readonly streams: SessionStreams,
    private readonly intake: Intake,
  ) {}

  /** @throws `protocol_not_acceptable`, `protocol_unsupported_revision`, `session_required`, `session_unknown`, `gateway_draining` */
  async handle(call: HttpCall): Promise<void> {
    const { request, response } = call;
    // What a GET or DELETE may carry as a body means nothing.
    request.resume();
    if (request.method === 'GET') checkAcceptsStream(request.headers.accept);
    const problem = revisionProblem(request.headers);
    if (problem) throw problem;
    const session = await this.session(call);
    if (request.method === 'GET') return this.open(session, call);
    await this.sessions.end(session);
    response.writeHead(200, { 'content-length': 0 });
    response.end();
  }

  private open(session: SealedSession, { response }: HttpCall): void {
    if (this.intake.draining) throw new GatewayError('gateway_draining', 'the gateway is stopping');
    this.streams.open(session, response);
  }

  private async session(call: HttpCall): Promise<SealedSession> {
    const token = sessionToken(call);
    if (token === undefined) throw new GatewayError('session_required', 'Mcp-Session-Id required');
    const session = await this.sessions.find(token, call);
    if (!session) throw new GatewayError('session_unknown', 'Session not found');
    return session;
  }
}
