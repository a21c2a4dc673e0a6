import { Injectable } from '@nestjs/common';

import type { Observable } from 'rxjs';

import type { Principal } from '../core/principal.js';
import { AuthService } from './auth.service.js';
import { Challenges } from './challenges.js';
import { CredentialCache } from './credential-cache.js';
import type { Credentials, Destination } from './credentials.js';
import { ResourceServer } from './oauth/resource-server.js';
import { Verdicts } from './verdicts.js';

/**
 * Where everybody comes in who wants to use a route, or the admin API: who they are, and whether their credential was
 * issued for that. Guards, the HTTP data path and the WebSocket upgrade all ask here, not the `AuthService` itself,
 * which knows nothing of audiences that depend on the route.
 */
@Injectable()
export class Reception {
  constructor(
    private readonly auth: AuthService,
    private readonly server: ResourceServer,
    private readonly cache: CredentialCache,
    private readonly verdicts: Verdicts,
    challenges: Challenges,
  ) {
    challenges.extend('Bearer', ({ route, entrance }) => server.challengeOf(entrance ?? { route, headers: undefined }));
  }

  /**
   * A plain principal where the answer is at hand, so that the data path waits for nothing.
   *
   * @throws as `AuthService.authenticate`; `auth_insufficient_scope` with its challenge
   */
  receive(request: Credentials, to: Destination): Principal | Promise<Principal> {
    const known = this.auth.authenticate(request, to);
    if (!(known instanceof Promise)) return this.admit(known, request, to);
    return known.then((principal) => this.admit(principal, request, to));
  }

  /** What is believed has changed: of whoever was let in before, `stands` may say something else now. */
  get changes(): Observable<void> {
    return this.cache.cleared;
  }

  /** Whether somebody who was let in to a route would still be, as the same. Never rejects. */
  stands(principal: Principal, route: string): boolean | Promise<boolean> {
    const hasScopes = this.server.scopesOf(route).every((scope) => principal.scopes.includes(scope));
    return hasScopes && this.auth.stands(principal, route);
  }

  private admit(principal: Principal, { headers }: Credentials, to: Destination): Principal {
    const { route, path } = to;
    if (!this.server.isParticular(principal, route)) return principal;
    try {
      return this.server.admit(principal, { route, path, headers });
    } catch (thrown) {
      const attempt = { to, headers, method: principal.method, claimant: undefined };
      throw this.verdicts.unadmitted(attempt, principal, thrown);
    }
  }
}
