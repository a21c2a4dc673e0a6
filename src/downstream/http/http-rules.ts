import type { IncomingHttpHeaders } from 'node:http';

import { Injectable } from '@nestjs/common';

import type { GatewayError } from '../../core/errors.js';
import { Violation } from '../../protocol/index.js';
import type { Session } from '../../session/index.js';
import { OriginGuard } from '../origin-guard.js';
import { Validation } from '../validation.js';
import { acceptance, bodyProblem, streamProblem, type Acceptance } from './media.js';
import { namedRevisionProblem, revisionProblem } from './revision-header.js';

/** The rules that HTTP requests have to keep, whichever transport they belong to. What is broken is counted here. */
@Injectable()
export class HttpRules {
  constructor(
    private readonly guard: OriginGuard,
    private readonly validation: Validation,
  ) {}

  /** Why a request must not come in: `host_refused` or `origin_refused`. */
  callerProblem(headers: IncomingHttpHeaders): GatewayError | undefined {
    return this.validation.judge(this.guard.refusal(headers));
  }

  /** Why a body is not taken: `protocol_media_type`. */
  bodyProblem(headers: IncomingHttpHeaders): GatewayError | undefined {
    return this.validation.judge(bodyProblem(headers));
  }

  /** Why a GET gets no event stream: `protocol_not_acceptable`. */
  streamProblem({ accept }: IncomingHttpHeaders): GatewayError | undefined {
    return this.validation.judge(streamProblem(accept));
  }

  /** Why a request of this revision is not taken: `protocol_unsupported_revision`. */
  revisionProblem(headers: IncomingHttpHeaders): GatewayError | undefined {
    return this.validation.judge(revisionProblem(headers));
  }

  /** As `revisionProblem`, where modern revisions are spoken as well. */
  namedRevisionProblem(headers: IncomingHttpHeaders): GatewayError | undefined {
    return this.validation.judge(namedRevisionProblem(headers));
  }

  /** @throws `protocol_not_acceptable` when a POST takes no answer that can be given */
  acceptance({ accept }: IncomingHttpHeaders): Acceptance {
    const { problem, ...accepts } = acceptance(accept);
    const refused = this.validation.judge(problem);
    if (refused) throw refused;
    return accepts;
  }

  /** A request without a session id where there has to be one: `session_required`. */
  sessionMissing(): GatewayError | undefined {
    return this.validation.judge(new Violation('session_required', 'Mcp-Session-Id required'));
  }

  /** Why the session id of a request leads nowhere, if it does not: `session_unknown`. */
  sessionProblem(found: Session | undefined): GatewayError | undefined {
    if (found && !found.ended) return undefined;
    return this.validation.judge(new Violation('session_unknown', 'Session not found'));
  }

  /** A body was too large, which was said already. */
  oversized(): void {
    this.validation.judge(new Violation('message_size', 'the message is too large'));
  }
}
