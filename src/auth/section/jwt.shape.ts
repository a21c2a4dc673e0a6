import { ArrayMaxSize, ArrayNotEmpty, IsIn, IsOptional, IsString } from 'class-validator';

import { Doc, IsDuration, NestedList } from '../../config/index.js';

const MINUTE = 60_000;

/** What can be verified with a public key. */
export const ASYMMETRIC = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

/** Somebody who issues tokens, and whose public keys are known. */
export class IssuerConfig {
  @Doc('The issuer, exactly as it stands in `iss`.', { example: 'https://id.example.com' })
  @IsString()
  readonly issuer!: string;

  @Doc('Where its keys are: a JWKS over https (http only on this machine). Either this or `public_key`.')
  @IsOptional()
  @IsString()
  readonly jwksUrl: string | undefined = undefined;

  @Doc('Its one public key, as PEM or JWK: `"${file:/etc/mcp-gateway/issuer.pem}"`.')
  @IsOptional()
  @IsString()
  readonly publicKey: string | undefined = undefined;

  @Doc(
    'Audiences of which a token must name one, exactly: a token for somebody else is not for us. Required, unless `authorization_servers` are configured: then the URL of the route, or that of the gateway, is the one that is asked for.',
  )
  @IsString({ each: true })
  @ArrayMaxSize(64)
  readonly audience: readonly string[] = [];

  @Doc('The signature algorithms that are taken from it.')
  @IsIn(ASYMMETRIC, { each: true })
  @ArrayNotEmpty()
  readonly algorithms: readonly string[] = ['RS256', 'PS256', 'ES256', 'EdDSA'];
}

/** `[security.auth.jwt]` */
export class JwtConfig {
  @Doc('The `iss` that tokens signed with `jwt_secret` must have. Left out, any is taken.')
  @IsOptional()
  @IsString()
  readonly issuer: string | undefined = undefined;

  @Doc('Audiences of which a token signed with `jwt_secret` must name one. Empty: none is asked for.')
  @IsString({ each: true })
  readonly audience: readonly string[] = [];

  @Doc('The claim that says who it is. Steps into a table are parted by dots, here and below.')
  @IsString()
  readonly subjectClaim: string = 'sub';

  @Doc('The claim with the roles, such as `realm_access.roles`: an array, or text parted by spaces or commas.')
  @IsString()
  readonly rolesClaim: string = 'roles';

  @Doc('The claim with the scopes, read like the roles. Entra ID calls it `scp`.')
  @IsString()
  readonly scopesClaim: string = 'scope';

  @Doc('The claim with the tenant.')
  @IsString()
  readonly tenantClaim: string = 'tenant';

  @Doc('How far the clocks of issuers may be off.')
  @IsDuration({ max: MINUTE })
  readonly clockSkew: number = 30_000;

  @Doc('How long a token may be good for in all, from `iat` (or else from now) to `exp`.')
  @IsDuration({ min: MINUTE })
  readonly maxLifetime: number = 24 * 60 * MINUTE;

  @Doc('How long the keys of an issuer are used before they are fetched again. An unknown key is asked for sooner.')
  @IsDuration({ min: MINUTE })
  readonly jwksMaxAge: number = 10 * MINUTE;

  @Doc('Issuers whose public keys are known.')
  @NestedList(() => IssuerConfig)
  readonly issuers: readonly IssuerConfig[] = [];
}
