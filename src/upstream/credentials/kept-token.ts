import type { Clock } from '../../core/clock.js';
import { type CredentialHeaders, CredentialsError } from './credentials.js';
import type { IssuedToken } from './issued-token.js';
import { TokenFailure } from './token-failure.js';

/** How long whoever gets no token is not asked for again. */
const REST_MS = 10_000;
/** How long it must be since a token was thrown away because its server refused it for the next one to be as well. */
const REFUSAL_PAUSE_MS = 5_000;

/**
 * One token, kept fresh: another is asked for shortly before its end, or when its server refuses it; by one request,
 * however many wait for it.
 */
export class KeptToken {
  private token: IssuedToken | undefined;
  private asking: Promise<IssuedToken> | undefined;
  private failure: CredentialsError | undefined;
  private restsUntil = Number.NEGATIVE_INFINITY;
  private keepsUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly ask: () => Promise<IssuedToken>,
    private readonly clock: Clock,
  ) {}

  /** @throws CredentialsError, in whichever way */
  headers(): CredentialHeaders | Promise<CredentialHeaders> {
    const { token } = this;
    const now = this.clock.now();
    if (token && now < token.expiresAt) {
      if (now >= token.refreshAt && !this.asking) this.renew().catch(unneeded);
      return token.headers;
    }
    if (this.failure && now < this.restsUntil) throw this.failure;
    return this.renew().then(({ headers }) => headers);
  }

  /** As `Credentials.refused`. */
  refused(headers: CredentialHeaders): boolean {
    if (this.token?.headers !== headers) return true;
    const now = this.clock.now();
    if (now < this.keepsUntil) return false;
    this.keepsUntil = now + REFUSAL_PAUSE_MS;
    this.token = undefined;
    return true;
  }

  private renew(): Promise<IssuedToken> {
    return (this.asking ??= this.renewed().finally(() => (this.asking = undefined)));
  }

  private async renewed(): Promise<IssuedToken> {
    try {
      this.token = await this.ask();
      this.failure = undefined;
      return this.token;
    } catch (thrown) {
      const isOfSubject = thrown instanceof TokenFailure && thrown.isOfSubject;
      if (!isOfSubject) throw new CredentialsError('no token could be had for the server', undefined, thrown);
      this.failure = new CredentialsError('the token of the caller cannot be exchanged', 'access_denied', thrown);
      this.restsUntil = this.clock.now() + REST_MS;
      throw this.failure;
    }
  }
}

function unneeded(): void {
  // The token that is there is still good, and whoever comes next asks again.
}
