import { Injectable } from '@nestjs/common';

import { ConfigService } from '../../config/index.js';
import { GatewayError, HeaderedError } from '../../core/errors.js';
import type { Principal } from '../../core/principal.js';
import { AuthSection } from '../auth.section.js';
import { challenge } from '../challenge.js';
import { insufficientScope } from './insufficient-scope.js';
import { type Entrance, Resources } from './resources.js';

const NONE: readonly string[] = [];

/**
 * What an OAuth resource server owes its clients beside checking tokens: that a token was issued for it and for
 * enough, and, where it was not, to say what to ask the authorization server for.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization
 */
@Injectable()
export class ResourceServer {
  /** By route, where any are. A map: routes are named by requests. */
  private scopes: ReadonlyMap<string, readonly string[]>;

  constructor(
    private readonly config: ConfigService,
    private readonly resources: Resources,
  ) {
    this.scopes = scopesOf(config.get(AuthSection));
    config.changes.subscribe(({ next }) => {
      this.scopes = scopesOf(next.get(AuthSection));
    });
  }

  /** The scopes that every request of a route needs. */
  scopesOf(route: string): readonly string[] {
    return this.scopes.get(route) ?? NONE;
  }

  /** Whether it has to be looked at at all if a principal may use a route: of most it has not. */
  isParticular({ issuer }: Principal, route: string): boolean {
    return issuer !== undefined || this.scopes.has(route);
  }

  /**
   * Lets a principal through that the route is open to, once it is known who that is.
   *
   * @throws `auth_required`, `auth_invalid`, `auth_insufficient_scope`; the latter with its challenge
   */
  admit(principal: Principal, entrance: Entrance): Principal {
    if (principal.issuer !== undefined) this.checkAudience(principal, principal.issuer, entrance);
    const needed = this.scopes.get(entrance.route);
    if (needed === undefined || needed.every((scope) => principal.scopes.includes(scope))) return principal;
    if (principal.method === 'anonymous') throw this.refusal('auth_required', 'authentication required', entrance);
    throw this.completed(insufficientScope(entrance.route, needed), entrance);
  }

  /** A lack of scope as it is answered: with all that the route needs as well, and with where to go for it. */
  completed(error: GatewayError, entrance: Entrance): GatewayError {
    const { scopes: given } = error.data;
    const needed = Array.isArray(given) ? given.filter((scope) => typeof scope === 'string') : [];
    const scopes = [...new Set([...this.scopesOf(entrance.route), ...needed])];
    const completed = challenge('Bearer', {
      error: 'insufficient_scope',
      scope: scopes.join(' '),
      resource_metadata: this.resources.metadataOf(entrance),
    });
    return new HeaderedError(error.code, error.message, { 'www-authenticate': completed }, { ...error.data, scopes });
  }

  /** What the challenge of a 401 says of this gateway, beside what was wrong. */
  challengeOf(entrance: Entrance): Readonly<Record<string, string | undefined>> {
    const scopes = this.scopesOf(entrance.route);
    const known = { resource_metadata: this.resources.metadataOf(entrance) };
    return scopes.length > 0 ? { ...known, scope: scopes.join(' ') } : known;
  }

  /** An issuer whose audience is configured was asked for that already. */
  private checkAudience({ claims }: Principal, issuer: string, entrance: Entrance): void {
    const { issuers } = this.config.get(AuthSection).jwt;
    if ((issuers.find((each) => each.issuer === issuer)?.audience ?? ['']).length > 0) return;
    const accepted = this.resources.audiencesOf(entrance) ?? NONE;
    const { aud } = claims;
    const named = Array.isArray(aud) ? aud : [aud];
    if (named.some((each) => typeof each === 'string' && accepted.includes(each))) return;
    throw this.refusal('auth_invalid', 'the credential is not valid', entrance);
  }

  private refusal(code: 'auth_required' | 'auth_invalid', detail: string, entrance: Entrance): HeaderedError {
    const error = code === 'auth_invalid' ? 'invalid_token' : undefined;
    return new HeaderedError(code, detail, {
      'www-authenticate': challenge('Bearer', { error, ...this.challengeOf(entrance) }),
    });
  }
}

function scopesOf({ routes }: AuthSection): ReadonlyMap<string, readonly string[]> {
  const all = Object.entries(routes).map(([route, { scopes }]) => [route, scopes] as const);
  return new Map(all.filter(([, scopes]) => scopes.length > 0));
}
