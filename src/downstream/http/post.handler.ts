import { Injectable } from '@nestjs/common';

import { ConfigService } from '../../config/index.js';
import { GatewayError } from '../../core/errors.js';
import { classify, isModern, scan, type ScanLimits } from '../../protocol/index.js';
import type { SealedSession } from '../../session/index.js';
import { scanLimits } from '../scan-limits.js';
import { ServerSection } from '../server.section.js';
import { type BodyBounds, readBody } from './body.js';
import { type HttpCall, sessionToken } from './http-call.js';
import { HttpRules } from './http-rules.js';
import { HttpSessions } from './http-sessions.js';
import { LegacyPost } from './legacy-post.js';
import type { Acceptance } from './media.js';
import { ModernPost } from './modern-post.js';
import { refuse } from './refusal.js';

/** Whoever names no revision speaks the first that had Streamable HTTP: the specification wants it so. */
const UNNAMED_REVISION = '2025-03-26';

/** A POST whose body has arrived. */
interface Arrival {
  readonly call: HttpCall;
  readonly body: Buffer;
  readonly accepts: Acceptance;
}

/**
 * POST of Streamable HTTP: reads what was sent and finds out of which era it is. The body says it; the header only
 * says whether a session is to be looked for.
 */
@Injectable()
export class PostHandler {
  private readonly bounds: BodyBounds;
  private readonly limits: (revision: string | undefined) => ScanLimits;

  constructor(
    private readonly legacy: LegacyPost,
    private readonly modern: ModernPost,
    private readonly sessions: HttpSessions,
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
    if (isModern(namedRevision(call) ?? '')) return this.readModern(call);
    const accepts = this.rules.acceptance(request.headers);
    readBody(request, response, this.bounds, (body) => {
      const arrival = { call, body, accepts };
      const token = sessionToken(call);
      const found = token === undefined ? undefined : this.sessions.find(token, call);
      if (!(found instanceof Promise)) return this.take(arrival, found);
      found.then(
        (session) => this.take(arrival, session),
        (thrown: unknown) => refuse(response, GatewayError.from(thrown)),
      );
    });
  }

  /** Whatever session such a message is said to be of, it belongs to none. */
  private readModern(call: HttpCall): void {
    const named = namedRevision(call);
    readBody(call.request, call.response, this.bounds, (body) => {
      const incoming = scan(body, this.limits(named));
      this.modern.take(incoming, classify(incoming, named, true), { call, body });
    });
  }

  private take({ call, body, accepts }: Arrival, session: SealedSession | undefined): void {
    const named = namedRevision(call);
    const incoming = scan(body, this.limits(session ? session.peer.revision : (named ?? UNNAMED_REVISION)));
    const era = classify(incoming, named, true);
    if (era === 'legacy') this.legacy.take(incoming, { call, accepts, session, body });
    else this.modern.take(incoming, era, { call, body });
  }
}

function namedRevision({ request }: HttpCall): string | undefined {
  const header = request.headers['mcp-protocol-version'];
  return typeof header === 'string' ? header : undefined;
}
