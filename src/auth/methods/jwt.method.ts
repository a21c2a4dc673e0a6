import { Inject } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';

import { callerToken, rememberCallerToken } from '../../core/caller-token.js';
import { CLOCK, type Clock } from '../../core/clock.js';
import { isSameGrant, type Principal } from '../../core/principal.js';
import { AuthMethod } from '../auth-method.js';
import { AuthRefusal } from '../auth-refusal.js';
import type { AuthSection } from '../auth.section.js';
import type { Credentials } from '../credentials.js';
import { KeyFetch } from '../jwks/key-fetch.js';
import { type Expected, principalOfClaims } from '../jwt/claims.js';
import { claimsOf, readToken, type Token } from '../jwt/token.js';
import { keyFor, SHARED, Trust } from '../jwt/trust.js';
import type { VerificationKey } from '../jwt/verification-key.js';
import { JwtConfig } from '../section/jwt.shape.js';
import { bearerToken } from './scheme-token.js';

/**
 * Signed tokens: by the shared secret, or by issuers whose public keys are known. Which of them is settled by the
 * algorithm alone, so that a public key is never taken for a secret.
 */
@AuthMethod({
  name: 'jwt',
  scheme: 'Bearer',
  isConfigured: ({ jwtSecret, jwt }) => jwtSecret !== undefined || jwt.issuers.length > 0,
})
export class JwtMethod implements AuthMethod {
  private trust: Trust | undefined;
  private config = new JwtConfig();

  constructor(
    private readonly jwt: JwtService,
    private readonly http: KeyFetch,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  apply(section: AuthSection): void {
    this.trust = new Trust(section, this.http, this.clock, this.trust);
    this.config = section.jwt;
  }

  credentialOf({ headers }: Credentials): string | undefined {
    return bearerToken(headers['authorization']);
  }

  verify(credential: string): Principal | Promise<Principal> {
    const token = readToken(credential);
    return token.algorithm === SHARED ? this.verifyShared(token) : this.verifyIssued(token);
  }

  async stands(principal: Principal): Promise<boolean> {
    const text = callerToken(principal);
    return text !== undefined && isSameGrant(await this.verify(text), principal);
  }

  private verifyShared(token: Token): Principal {
    const { trust } = this;
    if (!trust?.secret) throw new AuthRefusal('algorithm');
    if (trust.isIssuer(token.issuer)) throw new AuthRefusal('issuer');
    try {
      // Times are judged with all other claims, by our own clock.
      const { secret } = trust;
      this.jwt.verify(token.text, { algorithms: [SHARED], secret, ignoreExpiration: true, ignoreNotBefore: true });
    } catch {
      throw new AuthRefusal('signature');
    }
    return this.principal(token, trust.shared);
  }

  private verifyIssued(token: Token): Principal | Promise<Principal> {
    if (!this.trust) throw new AuthRefusal('issuer');
    const issuer = this.trust.issuerOf(token);
    const key = keyFor(token, issuer, this.config);
    return key instanceof Promise
      ? key.then((found) => this.verifySignature(token, found, issuer.config))
      : this.verifySignature(token, key, issuer.config);
  }

  private async verifySignature(token: Token, { key }: VerificationKey, expected: Expected): Promise<Principal> {
    // Three megabytes that only those need who have such issuers.
    const { compactVerify } = await import('jose');
    try {
      await compactVerify(token.text, key, { algorithms: [token.algorithm] });
    } catch {
      throw new AuthRefusal('signature');
    }
    return this.principal(token, expected);
  }

  private principal(token: Token, expected: Expected): Principal {
    const principal = principalOfClaims(claimsOf(token), expected, this.config, this.clock.wall());
    rememberCallerToken(principal, token.text);
    return principal;
  }
}
