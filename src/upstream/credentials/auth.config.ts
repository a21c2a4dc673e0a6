import { IsIn, IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';

import { Doc, Nested } from '../../config/index.js';

/** How a token is come by: for the gateway itself, or for each caller in exchange for the caller's own. */
export const GRANTS = ['client_credentials', 'token_exchange'] as const;
export type GrantName = (typeof GRANTS)[number];

/** Where the gateway shows who it is to a token endpoint: in a header, or in the body. */
export const AUTH_STYLES = ['basic', 'post'] as const;
export type AuthStyle = (typeof AUTH_STYLES)[number];

/** `[upstream.groups.NAME.servers.auth.basic]` */
export class BasicAuthConfig {
  @Doc('Name of the user. No colon.')
  @IsOptional()
  @IsString()
  @Matches(/^[^:\p{Cc}]+$/u, { message: 'a user name has no colon and no control characters' })
  readonly username: string | undefined = undefined;

  @Doc('Password, as ${NAME} or ${file:/path}.')
  @IsOptional()
  @IsString()
  readonly password: string | undefined = undefined;
}

/** `[upstream.groups.NAME.servers.auth.oauth]` */
export class OAuthConfig {
  @Doc('Address of the token endpoint: https, or http on this machine. Either this or `issuer`.')
  @IsOptional()
  @IsString()
  readonly tokenUrl: string | undefined = undefined;

  @Doc('The authorization server, whose metadata (RFC 8414, else OpenID Connect) name the token endpoint.')
  @IsOptional()
  @IsString()
  readonly issuer: string | undefined = undefined;

  @Doc('What the authorization server calls the gateway.')
  @IsOptional()
  @IsString()
  readonly clientId: string | undefined = undefined;

  @Doc('Secret of the gateway, as ${NAME} or ${file:/path}.')
  @IsOptional()
  @IsString()
  readonly clientSecret: string | undefined = undefined;

  @Doc('Scopes that are asked for.')
  @IsString({ each: true })
  @Matches(/^[\x21\x23-\x5b\x5d-\x7e]+$/, { each: true, message: 'a scope is one word of visible characters' })
  readonly scopes: readonly string[] = [];

  @Doc('Whom the token is for, by the name that the authorization server knows (`audience`).')
  @IsOptional()
  @IsString()
  readonly audience: string | undefined = undefined;

  @Doc('Whom the token is for, by its address (`resource`, RFC 8707).')
  @IsOptional()
  @IsString()
  readonly resource: string | undefined = undefined;

  @Doc(
    'How tokens are come by: client_credentials (one for everybody) or token_exchange (RFC 8693: one for each caller, in exchange for the token that the caller came with; the gateway’s own requests have one of client_credentials).',
  )
  @IsIn(GRANTS)
  readonly grant: GrantName = 'client_credentials';

  @Doc('How the gateway shows the token endpoint who it is: basic (a header) or post (in the body).')
  @IsIn(AUTH_STYLES)
  readonly authStyle: AuthStyle = 'basic';

  @Doc('Callers whose exchanged tokens are kept, at most. The one unused longest gives way.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly maxCallers: number = 10_000;
}

/** `[upstream.groups.NAME.servers.auth]`: how the gateway shows the server who it is. One of them. */
export class ServerAuthConfig {
  @Doc('A token that is sent as it is, as ${NAME} or ${file:/path}.')
  @IsOptional()
  @IsString()
  readonly bearer: string | undefined = undefined;

  @Doc('A user and a password.')
  @Nested(() => BasicAuthConfig)
  readonly basic: BasicAuthConfig = new BasicAuthConfig();

  @Doc('Tokens of an authorization server (OAuth 2.1).')
  @Nested(() => OAuthConfig)
  readonly oauth: OAuthConfig = new OAuthConfig();
}

/** Whether anything is said of it. */
export function usesBasic({ username, password }: BasicAuthConfig): boolean {
  return username !== undefined || password !== undefined;
}

/** Whether anything is said of it that is no default. */
export function usesOAuth({ tokenUrl, issuer, clientId, clientSecret, scopes, ...rest }: OAuthConfig): boolean {
  const named = [tokenUrl, issuer, clientId, clientSecret, rest.audience, rest.resource];
  return named.some((value) => value !== undefined) || scopes.length > 0 || rest.grant === 'token_exchange';
}
