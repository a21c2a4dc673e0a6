import type { Clock } from '../../core/clock.js';
import type { Outbound } from '../../outbound/index.js';
import type { ServerSettings } from '../server-settings.js';
import type { Credentials } from './credentials.js';
import { ExchangedTokens } from './exchanged-tokens.js';
import { OwnToken } from './own-token.js';
import { TokenEndpoint } from './token-endpoint.js';

/** What a server is shown that changes with time or with whoever asks. Undefined where its headers say all of it. */
export function credentialsFor(
  { group, id, oauth }: Pick<ServerSettings, 'group' | 'id' | 'oauth'>,
  outbound: Pick<Outbound, 'request'>,
  clock: Clock,
): Credentials | undefined {
  if (!oauth) return undefined;
  const endpoint = new TokenEndpoint(oauth, `${group}/${id}`, outbound, clock);
  return oauth.grant === 'token_exchange'
    ? new ExchangedTokens(endpoint, clock, oauth.maxCallers)
    : new OwnToken(endpoint, clock);
}
