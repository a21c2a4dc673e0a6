import { Injectable, Logger } from '@nestjs/common';

import { GatewayError, HeaderedError } from '../core/errors.js';
import { Events } from '../core/events.js';
import { ANONYMOUS, type Principal } from '../core/principal.js';
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

  granted({ to, method }: Attempt, principal: Principal): void {
    this.events.emit('auth.decided', { ...to, outcome: 'granted', method, why: undefined, principal });
  }

  /** Somebody is known, and may not come in all the same. */
  notAdmitted(to: Destination, principal: Principal, { code }: GatewayError): void {
    const isKnown = principal.method !== ANONYMOUS.method;
    const why: RefusalReason = isKnown ? (code === 'auth_insufficient_scope' ? 'scope' : 'audience') : 'nothing_shown';
    const who = isKnown ? { method: principal.method, principal } : { method: undefined, principal: undefined };
    this.events.emit('auth.decided', { ...to, outcome: 'refused', why, ...who });
  }

  /** The failure for what a method threw. Every reason reads the same outside. */
  refusal(attempt: Attempt, thrown: unknown): GatewayError | Promise<GatewayError> {
    if (thrown instanceof AuthRefusal) return this.refused(attempt, thrown.why);
    const error = GatewayError.from(thrown);
    if (error.code === 'gateway_fault') this.logger.error(error.cause ?? error);
    this.tell(attempt, 'refused', 'unavailable');
    return error;
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
    this.tell(attempt, 'refused', why);
    const code = why === 'nothing_shown' ? 'auth_required' : 'auth_invalid';
    const detail = why === 'nothing_shown' ? 'authentication is required' : 'the credential is not valid';
    const { route, path } = attempt.to;
    const entrance = { route, path, headers: attempt.headers };
    return new HeaderedError(code, detail, this.challenges.headersFor({ route, code, entrance }));
  }

  private throttled(attempt: Attempt, why: RefusalReason, waitMs: number): GatewayError {
    this.tell(attempt, 'throttled', why);
    const retryAfterMs = Math.ceil(waitMs);
    const headers = { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) };
    return new HeaderedError('auth_throttled', 'too many bad credentials', headers, { retryAfterMs });
  }

  private tell({ to, method }: Attempt, outcome: 'refused' | 'throttled', why: RefusalReason): void {
    this.events.emit('auth.decided', { ...to, outcome, method, why, principal: undefined });
  }
}
