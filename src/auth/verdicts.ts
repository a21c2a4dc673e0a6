import { Injectable, Logger } from '@nestjs/common';

import type { ErrorCode } from '../core/error-table.js';
import { GatewayError, HeaderedError, headersOf } from '../core/errors.js';
import { Events } from '../core/events.js';
import { ANONYMOUS, type Principal } from '../core/principal.js';
import { REQUEST_ID, requestIdOf } from '../core/request-id.js';
import { AuthRefusal, type RefusalReason } from './auth-refusal.js';
import { Challenges } from './challenges.js';
import type { Credentials, Destination } from './credentials.js';
import { FailureLimiter } from './failure-limiter.js';

/** Somebody who wants to come in, and what they showed. */
export interface Attempt {
  readonly to: Destination;
  readonly headers: Credentials['headers'];
  /** The method that judged it, where one did. */
  readonly method: string | undefined;
  readonly claimant: string | undefined;
}

/** Whoever shows what was good once is no guesser, and those who found no room were not looked at. */
const NOT_COUNTED: ReadonlySet<RefusalReason> = new Set(['nothing_shown', 'expired', 'busy', 'unavailable']);
/** What the failures of a route that does not let a known principal in are told as. */
const UNADMITTED: ReadonlyMap<ErrorCode, RefusalReason> = new Map([
  ['auth_required', 'nothing_shown'],
  ['auth_invalid', 'audience'],
  ['auth_insufficient_scope', 'scope'],
]);
const BUSY_RETRY_MS = 1_000;

/** Says what became of an attempt: to whoever made it as little as possible, to observers why. */
@Injectable()
export class Verdicts {
  private readonly logger = new Logger('Auth');

  constructor(
    private readonly challenges: Challenges,
    private readonly limiter: FailureLimiter,
    private readonly events: Events,
  ) {}

  granted({ to, headers, method }: Attempt, principal: Principal): void {
    const requestId = to.requestId ?? requestIdOf(headers);
    this.events.emit('auth.decided', { ...to, requestId, outcome: 'granted', method, why: undefined, principal });
  }

  /** The failure for somebody who is known, but whose credential is not for this route. */
  unadmitted(attempt: Attempt, principal: Principal, thrown: unknown): GatewayError {
    const error = GatewayError.from(thrown);
    const why = UNADMITTED.get(error.code);
    if (why === undefined) return error;
    const who = principal === ANONYMOUS ? undefined : principal;
    return this.traced(error, this.tell({ ...attempt, method: who?.method }, 'refused', why, who));
  }

  /** The failure for what a method threw. Every reason reads the same outside. */
  refusal(attempt: Attempt, thrown: unknown): GatewayError | Promise<GatewayError> {
    if (thrown instanceof AuthRefusal) return this.refused(attempt, thrown.why);
    const error = GatewayError.from(thrown);
    if (error.code === 'gateway_fault') this.logger.error(error.cause ?? error);
    return this.traced(error, this.tell(attempt, 'refused', 'unavailable'));
  }

  private refused(attempt: Attempt, why: RefusalReason): GatewayError | Promise<GatewayError> {
    if (why === 'busy') return this.throttled(attempt, why, BUSY_RETRY_MS);
    if (NOT_COUNTED.has(why)) return this.challenged(attempt, why);
    const wait = this.limiter.count(attempt.to.clientAddress, attempt.claimant);
    return wait instanceof Promise
      ? wait.then((ms) => this.counted(attempt, why, ms))
      : this.counted(attempt, why, wait);
  }

  private counted(attempt: Attempt, why: RefusalReason, waitMs: number): GatewayError {
    return waitMs > 0 ? this.throttled(attempt, why, waitMs) : this.challenged(attempt, why);
  }

  private challenged(attempt: Attempt, why: RefusalReason): GatewayError {
    const id = this.tell(attempt, 'refused', why);
    const code = why === 'nothing_shown' ? 'auth_required' : 'auth_invalid';
    const detail = why === 'nothing_shown' ? 'authentication is required' : 'the credential is not valid';
    const { route, path } = attempt.to;
    const entrance = { route, path, headers: attempt.headers };
    return this.traced(new HeaderedError(code, detail, this.challenges.headersFor({ route, code, entrance })), id);
  }

  private throttled(attempt: Attempt, why: RefusalReason, waitMs: number): GatewayError {
    const id = this.tell(attempt, 'throttled', why);
    const retryAfterMs = Math.ceil(waitMs);
    const headers = { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) };
    return this.traced(new HeaderedError('auth_throttled', 'too many bad credentials', headers, { retryAfterMs }), id);
  }

  /** Returns the id of the request. */
  private tell(
    { to, headers, method }: Attempt,
    outcome: 'refused' | 'throttled',
    why: RefusalReason,
    principal?: Principal,
  ): string {
    const requestId = to.requestId ?? requestIdOf(headers);
    this.events.emit('auth.decided', { ...to, requestId, outcome, method, why, principal });
    return requestId;
  }

  /** The same failure, which also says under which id it can be found. */
  private traced(error: GatewayError, requestId: string): HeaderedError {
    const headers = { ...headersOf(error), [REQUEST_ID]: requestId };
    return new HeaderedError(error.code, error.message, headers, error.data);
  }
}
