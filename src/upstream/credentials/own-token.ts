import type { Clock } from '../../core/clock.js';
import type { CredentialHeaders, Credentials } from './credentials.js';
import { KeptToken } from './kept-token.js';
import type { TokenEndpoint } from './token-endpoint.js';

/** One token of the gateway itself, whoever asks. */
export class OwnToken implements Credentials {
  private readonly token: KeptToken;

  constructor(endpoint: Pick<TokenEndpoint, 'own'>, clock: Clock) {
    this.token = new KeptToken(() => endpoint.own(), clock);
  }

  headersFor(): CredentialHeaders | Promise<CredentialHeaders> {
    return this.token.headers();
  }

  refused(headers: CredentialHeaders): boolean {
    return this.token.refused(headers);
  }
}
