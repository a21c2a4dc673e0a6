import type { AuthStyle, GrantName, OAuthConfig } from './auth.config.js';

/** How tokens for one server are come by. */
export interface OAuthSettings {
  /** Undefined where the metadata of the issuer name it. */
  readonly tokenUrl: string | undefined;
  readonly issuer: string | undefined;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  readonly audience: string | undefined;
  readonly resource: string | undefined;
  readonly grant: GrantName;
  readonly authStyle: AuthStyle;
  /** Callers whose tokens are kept at most. */
  readonly maxCallers: number;
}

export function oauthSettings(config: OAuthConfig): OAuthSettings {
  const { tokenUrl, issuer, clientId = '', clientSecret = '', scopes, audience, resource } = config;
  const { grant, authStyle, maxCallers } = config;
  return { tokenUrl, issuer, clientId, clientSecret, scopes, audience, resource, grant, authStyle, maxCallers };
}
