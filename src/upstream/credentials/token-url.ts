import type { Clock } from '../../core/clock.js';
import { isObject } from '../../core/json.js';
import type { Outbound } from '../../outbound/index.js';
import type { OAuthSettings } from './oauth-settings.js';
import { TokenFailure } from './token-failure.js';

/** How long metadata are good for. */
const KEPT_MS = 3_600_000;

/** Where tokens are asked for. */
export interface TokenUrl {
  readonly url: string;
  /** Whether it stands in the configuration file, or on the very host that does. */
  readonly trusted: boolean;
}

/**
 * Finds the token endpoint: as configured, or as the metadata of the issuer name it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8414
 */
export class TokenUrls {
  private known: TokenUrl | undefined;
  private until = 0;

  constructor(
    private readonly settings: Pick<OAuthSettings, 'tokenUrl' | 'issuer'>,
    private readonly outbound: Pick<Outbound, 'request'>,
    private readonly clock: Clock,
  ) {}

  /** @throws TokenFailure, OutboundFailure */
  async find(): Promise<TokenUrl> {
    const { tokenUrl, issuer = '' } = this.settings;
    if (tokenUrl !== undefined) return { url: tokenUrl, trusted: true };
    if (!this.known || this.clock.now() >= this.until) {
      this.known = await this.discover(issuer);
      this.until = this.clock.now() + KEPT_MS;
    }
    return this.known;
  }

  /** It did not work: it may be another one by now. */
  forget(): void {
    this.known = undefined;
  }

  private async discover(issuer: string): Promise<TokenUrl> {
    for (const url of metadataUrls(issuer)) {
      const { status, body } = await this.outbound.request({
        url,
        headers: { accept: 'application/json' },
        trusted: true,
      });
      if (status !== 200) continue;
      const metadata = parsed(body);
      if (metadata?.['issuer'] !== issuer) throw new TokenFailure('the metadata are of another issuer', false);
      const endpoint = metadata['token_endpoint'];
      if (typeof endpoint !== 'string' || !URL.canParse(endpoint)) break;
      return { url: endpoint, trusted: new URL(endpoint).origin === new URL(issuer).origin };
    }
    throw new TokenFailure('the issuer has no metadata that name a token endpoint', false);
  }
}

/** RFC 8414 puts the path of the issuer behind the well-known one, OpenID Connect before it. */
function metadataUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
}

function parsed(body: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
