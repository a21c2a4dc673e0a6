import type { Clock } from '../../core/clock.js';
import { AuthRefusal } from '../auth-refusal.js';
import type { AuthSection } from '../auth.section.js';
import type { KeyFetch } from '../jwks/key-fetch.js';
import { RemoteKeys } from '../jwks/remote-keys.js';
import type { IssuerConfig, JwtConfig } from '../section/jwt.shape.js';
import type { Expected } from './claims.js';
import type { Token } from './token.js';
import { fits, keyOfText, type VerificationKey } from './verification-key.js';

/** The one algorithm of the shared secret. */
export const SHARED = 'HS256';

/** An issuer whose public keys are known. */
export interface TrustedIssuer {
  readonly config: IssuerConfig;
  /** Its keys: remote, or the one that stands in the configuration. */
  readonly keys: RemoteKeys | VerificationKey | undefined;
}

/** Whose tokens are believed, by one configuration. */
export class Trust {
  readonly secret: Buffer | undefined;
  readonly shared: Expected;
  private readonly issuers: ReadonlyMap<string, TrustedIssuer>;

  /** @param earlier whose fetched keys are taken over */
  constructor({ jwtSecret, jwt }: AuthSection, http: KeyFetch, clock: Clock, earlier?: Trust) {
    this.secret = jwtSecret === undefined ? undefined : Buffer.from(jwtSecret);
    this.shared = { issuer: jwt.issuer, audience: jwt.audience };
    this.issuers = new Map(
      jwt.issuers.map((config) => [config.issuer, { config, keys: keysOf(config, http, clock, earlier) }]),
    );
  }

  /** Whether an issuer has keys of its own: nobody signs in its name with the shared secret. */
  isIssuer(name: string | undefined): boolean {
    return name !== undefined && this.issuers.has(name);
  }

  /** @throws AuthRefusal where a token's issuer is not known, or does not sign like this */
  issuerOf({ issuer, algorithm }: Token): TrustedIssuer {
    const trusted = issuer === undefined ? undefined : this.issuers.get(issuer);
    if (!trusted) throw new AuthRefusal('issuer');
    if (!trusted.config.algorithms.includes(algorithm)) throw new AuthRefusal('algorithm');
    return trusted;
  }

  remote(url: string): RemoteKeys | undefined {
    for (const { keys } of this.issuers.values()) if (keys instanceof RemoteKeys && keys.url === url) return keys;
    return undefined;
  }
}

/** The key to verify a token with. @throws AuthRefusal; `auth_unavailable` */
export function keyFor(
  token: Token,
  { keys }: TrustedIssuer,
  { jwksMaxAge }: JwtConfig,
): VerificationKey | Promise<VerificationKey> {
  if (keys instanceof RemoteKeys) return keys.find(token.keyId, token.algorithm, jwksMaxAge);
  if (keys && fits(keys, token.algorithm)) return keys;
  throw new AuthRefusal('algorithm');
}

function keysOf(config: IssuerConfig, http: KeyFetch, clock: Clock, earlier?: Trust): TrustedIssuer['keys'] {
  const { jwksUrl, publicKey } = config;
  if (jwksUrl !== undefined) return earlier?.remote(jwksUrl) ?? new RemoteKeys(jwksUrl, http, clock);
  return publicKey === undefined ? undefined : keyOfText(publicKey);
}
