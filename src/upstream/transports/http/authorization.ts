import { GatewayError } from '../../../core/errors.js';
import { IdTable } from '../../../core/id-table.js';
import type { Behalf } from '../../behalf.js';
import { type CredentialHeaders, type Credentials, CredentialsError } from '../../credentials/credentials.js';
import { forwardedHeaders } from '../../credentials/forwarded-headers.js';
import type { WireContext } from '../../wire.js';
import type { Headers } from './http-session.js';
import { saysUnauthorized } from './status-error.js';

/** A message that is to be sent with what shows on whose behalf it is. One of the two is called, once for each try. */
export interface Showing {
  readonly behalf: Behalf | undefined;
  send(headers: Headers): void;
  failed(error: GatewayError): void;
}

/** A request that was sent, until it is over. */
interface Sent {
  readonly headers: Headers;
  readonly showing: Showing;
  /** What it was shown with. */
  credential: CredentialHeaders | undefined;
  /** Whether it may be sent with others, if its server refuses these. */
  mayRepeat: boolean;
}

/**
 * Adds to the messages over one wire what shows their server on whose behalf they are sent: credentials that change,
 * and what clients may hand on. A request that is refused because of its credentials was not carried out: it is sent
 * once more, with others.
 */
export class Authorization {
  private readonly requests = new IdTable<Sent>();
  private readonly names: readonly string[];

  /** Undefined where there is nothing to add. */
  static of({ settings, credentials, owner }: WireContext): Authorization | undefined {
    if (!credentials && settings.forwardHeaders.length === 0) return undefined;
    return new Authorization(credentials, settings.forwardHeaders, owner);
  }

  private constructor(
    private readonly credentials: Credentials | undefined,
    names: readonly string[],
    private readonly owner: WireContext['owner'],
  ) {
    this.names = names;
  }

  /** Sends what belongs to the wire as a whole. @param use is given the headers, and what of them is credentials */
  show(
    headers: Headers,
    use: (headers: Headers, credential?: CredentialHeaders) => void,
    failed: (error: GatewayError) => void,
  ): void {
    const sent: Sent = {
      headers,
      showing: { behalf: undefined, send: (all) => use(all, sent.credential), failed },
      credential: undefined,
      mayRepeat: false,
    };
    this.go(sent);
  }

  /** As `Credentials.refused`, of what `show` has sent. */
  refused(credential: CredentialHeaders | undefined): boolean {
    if (!credential) return false;
    return this.credentials?.refused(credential, this.owner?.holder?.principal) ?? false;
  }

  /** Sends a request, now or as soon as there are credentials. */
  request(id: number, headers: Headers, showing: Showing): void {
    const sent: Sent = { headers, showing, credential: undefined, mayRepeat: this.credentials !== undefined };
    this.requests.set(id, sent);
    this.go(sent);
  }

  /** The stream of a request is asked for again: it was carried out, whatever is said to this. */
  resume(id: number, headers: Headers, send: (headers: Headers) => void): void {
    const sent = this.requests.get(id);
    if (!sent) return;
    const resumed: Sent = { ...sent, headers, showing: { ...sent.showing, send }, mayRepeat: false };
    this.requests.set(id, resumed);
    this.go(resumed);
  }

  /** Whether a request that failed is to be sent once more: then `repeat` is called. */
  mayRepeat(id: number, error: GatewayError): boolean {
    const sent = this.requests.get(id);
    if (!sent?.credential || !sent.mayRepeat || !saysUnauthorized(error)) return false;
    sent.mayRepeat = false;
    try {
      return this.credentials?.refused(sent.credential, this.principalOf(sent)) ?? false;
    } catch {
      return false;
    }
  }

  repeat(id: number): void {
    const sent = this.requests.get(id);
    if (sent) this.go(sent);
  }

  /** It is over, or nobody waits for it. */
  forget(id: number): void {
    this.requests.delete(id);
  }

  private go(sent: Sent): void {
    try {
      const shown = this.credentials?.headersFor(this.principalOf(sent));
      if (!(shown instanceof Promise)) return this.send(sent, shown);
      shown.then(
        (credential) => this.send(sent, credential),
        (thrown: unknown) => sent.showing.failed(failureOf(thrown)),
      );
    } catch (thrown) {
      sent.showing.failed(failureOf(thrown));
    }
  }

  private send(sent: Sent, credential: CredentialHeaders | undefined): void {
    sent.credential = credential;
    const { behalf, send } = sent.showing;
    const forwarded = this.names.length > 0 ? forwardedHeaders(this.names, behalf) : undefined;
    send({ ...forwarded, ...sent.headers, ...credential });
  }

  private principalOf({ showing }: Sent): Behalf['principal'] | undefined {
    return (showing.behalf ?? this.owner?.holder)?.principal;
  }
}

function failureOf(thrown: unknown): GatewayError {
  return thrown instanceof GatewayError
    ? thrown
    : new CredentialsError('no token could be had for the server', undefined, thrown);
}
