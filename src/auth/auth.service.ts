import { Injectable } from '@nestjs/common';

import { ANONYMOUS, type Principal } from '../core/principal.js';
import { AuthRefusal } from './auth-refusal.js';
import { CredentialCache } from './credential-cache.js';
import type { Credentials, Destination } from './credentials.js';
import { MethodBook, type NamedMethod, type RoutePlan } from './method-book.js';
import { type Attempt, Verdicts } from './verdicts.js';

/** Where a credential is looked for. It is never read from a URL, a cookie or a body. */
const CREDENTIAL_HEADERS = ['authorization', 'x-api-key'] as const;

/**
 * The one place where it is decided who is asking: guards, the Streamable HTTP data path and the
 * WebSocket upgrade all call it, before they read a body or open a connection.
 *
 * As long as `[security.auth]` is not enabled everybody is `ANONYMOUS`.
 */
@Injectable()
export class AuthService {
  /** Verifications under way, by credential: many requests with one credential cause one. */
  private readonly running = new Map<string, Promise<Principal>>();

  constructor(
    private readonly book: MethodBook,
    private readonly cache: CredentialCache,
    private readonly verdicts: Verdicts,
  ) {}

  /**
   * A plain principal where the answer is at hand, so that the data path waits for nothing. The first method for
   * which something was shown decides; what it refuses no other one accepts.
   *
   * @throws `auth_required`, `auth_invalid`, `auth_throttled`, `auth_unavailable`; as `HeaderedError` with the challenge
   */
  authenticate(request: Credentials, to: Destination): Principal | Promise<Principal> {
    const plan = this.book.planOf(to.route);
    if (plan === undefined) return ANONYMOUS;
    for (const one of plan.methods) {
      const credential = one.method.credentialOf(request);
      if (credential === undefined) continue;
      const key = this.cache.keyOf(`${one.realm}/${one.name}`, credential);
      return this.cache.get(key) ?? this.verify({ ...one, credential, key, request, to });
    }
    return this.unshown(plan, request, to);
  }

  /**
   * Whether somebody who was let in to a route before would still be, as the same, by what is configured now. A plain
   * answer where it is at hand. Never rejects.
   */
  stands(principal: Principal, route: string): boolean | Promise<boolean> {
    const plan = this.book.planOf(route);
    if (plan === undefined) return true;
    if (principal.method === ANONYMOUS.method) return plan.anonymous;
    const method = plan.methods.find(({ name }) => name === principal.method)?.method;
    try {
      const stands = method?.stands?.(principal) ?? false;
      return stands instanceof Promise ? stands.catch(() => false) : stands;
    } catch {
      return false;
    }
  }

  private unshown({ anonymous }: RoutePlan, { headers }: Credentials, to: Destination): Principal | Promise<Principal> {
    const nothing = CREDENTIAL_HEADERS.every((name) => headers[name] === undefined);
    if (nothing && anonymous) return ANONYMOUS;
    const refusal = new AuthRefusal(nothing ? 'nothing_shown' : 'not_taken');
    return this.refuse({ to, headers, method: undefined, claimant: undefined }, refusal);
  }

  private verify(shown: Shown): Principal | Promise<Principal> {
    const { generation } = this.cache;
    try {
      // What was found out by another configuration is of no use to those who ask now.
      const place = `${generation} ${shown.key}`;
      const outcome = this.running.get(place) ?? shown.method.verify(shown.credential, shown.request, shown.to);
      if (!(outcome instanceof Promise)) return this.grant(shown, outcome, generation);
      return this.share(place, outcome).then(
        // What was found out by another configuration lets nobody in.
        (principal) =>
          generation === this.cache.generation
            ? this.grant(shown, principal, generation)
            : this.authenticate(shown.request, shown.to),
        (thrown: unknown) => this.refuse(attemptOf(shown), thrown),
      );
    } catch (thrown) {
      return this.refuse(attemptOf(shown), thrown);
    }
  }

  private share(place: string, verifying: Promise<Principal>): Promise<Principal> {
    if (this.running.has(place)) return verifying;
    const forget = (): boolean => this.running.delete(place);
    verifying.then(forget, forget);
    this.running.set(place, verifying);
    return verifying;
  }

  private grant(shown: Shown, principal: Principal, generation: number): Principal {
    const known = this.cache.get(shown.key);
    // Somebody with the same credential was a moment faster: it stands for one object.
    if (known) return known;
    this.cache.remember(shown.key, principal, generation);
    this.verdicts.granted(attemptOf(shown), principal);
    return principal;
  }

  private refuse(attempt: Attempt, thrown: unknown): Promise<never> {
    const error = this.verdicts.refusal(attempt, thrown);
    if (!(error instanceof Promise)) throw error;
    return error.then((late) => {
      throw late;
    });
  }
}

/** A credential on its way to be verified. */
interface Shown extends NamedMethod {
  readonly credential: string;
  readonly key: string;
  readonly request: Credentials;
  readonly to: Destination;
}

function attemptOf({ name, method, credential, request, to }: Shown): Attempt {
  return { to, headers: request.headers, method: name, claimant: method.claimantOf?.(credential) };
}
