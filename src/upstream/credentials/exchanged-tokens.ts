import { createHash } from 'node:crypto';

import { LRUCache } from 'lru-cache';

import { callerToken } from '../../core/caller-token.js';
import type { Clock } from '../../core/clock.js';
import type { Principal } from '../../core/principal.js';
import { type CredentialHeaders, type Credentials, CredentialsError } from './credentials.js';
import type { IssuedToken } from './issued-token.js';
import { KeptToken } from './kept-token.js';
import { OwnToken } from './own-token.js';
import type { TokenEndpoint } from './token-endpoint.js';

/** How long a caller is remembered who has not got a token yet. */
const WAITING_MS = 60_000;

/**
 * A token for each caller, in exchange for the one that the caller came with: two tokens of callers never come to the
 * same, whoever they are of, because one may be worth less than the other. What the gateway asks by itself is asked
 * with a token of its own.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8693
 */
export class ExchangedTokens implements Credentials {
  private readonly own: OwnToken;
  /** By digest of the caller's token. */
  private readonly kept: LRUCache<string, KeptToken>;
  /** A principal is one object for one credential. */
  private readonly known = new WeakMap<Principal, string>();

  constructor(
    private readonly endpoint: Pick<TokenEndpoint, 'own' | 'exchange'>,
    private readonly clock: Clock,
    maxCallers: number,
  ) {
    this.own = new OwnToken(endpoint, clock);
    this.kept = new LRUCache({ max: maxCallers, ttl: WAITING_MS, ttlResolution: 0, perf: clock });
  }

  headersFor(principal: Principal | undefined): CredentialHeaders | Promise<CredentialHeaders> {
    return principal ? this.of(principal).headers() : this.own.headersFor();
  }

  refused(headers: CredentialHeaders, principal: Principal | undefined): boolean {
    return principal ? this.of(principal).refused(headers) : this.own.refused(headers);
  }

  private of(principal: Principal): KeptToken {
    const subject = callerToken(principal);
    if (subject === undefined) {
      throw new CredentialsError('the server is for callers who came with a token', 'access_denied');
    }
    let key = this.known.get(principal);
    if (key === undefined) this.known.set(principal, (key = createHash('sha256').update(subject).digest('base64url')));
    return this.kept.get(key) ?? this.add(key, subject);
  }

  private add(key: string, subject: string): KeptToken {
    const kept = new KeptToken(async () => {
      const token = await this.endpoint.exchange(subject);
      this.keep(key, kept, token);
      return token;
    }, this.clock);
    this.kept.set(key, kept);
    return kept;
  }

  private keep(key: string, kept: KeptToken, { expiresAt }: IssuedToken): void {
    const ttl = Math.max(1, expiresAt - this.clock.now());
    if (this.kept.peek(key) === kept) this.kept.set(key, kept, { ttl });
  }
}
