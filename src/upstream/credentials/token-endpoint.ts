import { Logger } from '@nestjs/common';

import type { Clock } from '../../core/clock.js';
import { isObject } from '../../core/json.js';
import { type Outbound, OutboundFailure, type OutboundResponse } from '../../outbound/index.js';
import { Backoff } from '../backoff.js';
import { type IssuedToken, readToken } from './issued-token.js';
import type { OAuthSettings } from './oauth-settings.js';
import { TokenFailure } from './token-failure.js';
import { TokenUrls } from './token-url.js';

const RETRY = { min: 500, max: 30_000 };

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

/**
 * Errors that are said of the gateway, whosever token was to be exchanged. Any other may be about that one token
 * (what it is good for, or whom it is of), and must not keep other callers from theirs. RFC 6749, section 5.2.
 */
const OF_US = new Set(['invalid_client', 'unauthorized_client', 'unsupported_grant_type', 'temporarily_unavailable']);

/** As authorization servers name their errors: fit for a log. */
const ERROR_NAME = /^[a-z_]{1,40}$/;

/** Asks an authorization server for tokens. One that does not answer, or will not have us, is left alone for a while. */
export class TokenEndpoint {
  private readonly logger = new Logger('upstream');
  private readonly urls: TokenUrls;
  private readonly backoff = new Backoff(RETRY);
  private restsUntil = Number.NEGATIVE_INFINITY;
  private failure: TokenFailure | undefined;

  /** @param server as logs name the server that the tokens are for */
  constructor(
    private readonly settings: OAuthSettings,
    private readonly server: string,
    private readonly outbound: Pick<Outbound, 'request'>,
    private readonly clock: Clock,
  ) {
    this.urls = new TokenUrls(settings, outbound, clock);
  }

  /** A token for the gateway itself. @throws TokenFailure */
  own(): Promise<IssuedToken> {
    return this.ask({ grant_type: 'client_credentials' }, false);
  }

  /** A token for a caller. @param subject the token that the caller came with @throws TokenFailure */
  exchange(subject: string): Promise<IssuedToken> {
    return this.ask(
      {
        grant_type: EXCHANGE,
        subject_token: subject,
        subject_token_type: ACCESS_TOKEN,
        requested_token_type: ACCESS_TOKEN,
      },
      true,
    );
  }

  private async ask(grant: Readonly<Record<string, string>>, hasSubject: boolean): Promise<IssuedToken> {
    if (this.failure && this.clock.now() < this.restsUntil) throw this.failure;
    try {
      const token = this.read(await this.post(grant), hasSubject);
      this.answered();
      return token;
    } catch (thrown) {
      throw this.failed(thrown);
    }
  }

  private async post(grant: Readonly<Record<string, string>>): Promise<OutboundResponse> {
    const { clientId, clientSecret, scopes, audience, resource, authStyle } = this.settings;
    const { url, trusted } = await this.urls.find();
    const form = new URLSearchParams(grant);
    if (scopes.length > 0) form.set('scope', scopes.join(' '));
    if (audience !== undefined) form.set('audience', audience);
    if (resource !== undefined) form.set('resource', resource);
    const headers: Record<string, string> = {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    };
    if (authStyle === 'basic') {
      headers['authorization'] = `Basic ${btoa(`${encoded(clientId)}:${encoded(clientSecret)}`)}`;
    } else {
      form.set('client_id', clientId);
      form.set('client_secret', clientSecret);
    }
    return this.outbound.request({ url, method: 'POST', headers, body: form.toString(), trusted });
  }

  private read({ status, body }: OutboundResponse, hasSubject: boolean): IssuedToken {
    const answer = parsed(body);
    if (status === 200) {
      const token = readToken(answer, this.clock.now(), Math.random());
      if (token) return token;
      throw new TokenFailure('the token endpoint answered with no token that can be used', false);
    }
    const named = isObject(answer) ? answer['error'] : undefined;
    const error = typeof named === 'string' && ERROR_NAME.test(named) ? named : undefined;
    const isOfSubject = hasSubject && status >= 400 && status < 500 && error !== undefined && !OF_US.has(error);
    throw new TokenFailure(`the token endpoint answered ${status}${error ? ` ${error}` : ''}`, isOfSubject);
  }

  private answered(): void {
    if (this.failure) this.logger.log({ msg: 'tokens are issued again', upstream_server: this.server });
    this.failure = undefined;
    this.backoff.reset();
  }

  private failed(thrown: unknown): TokenFailure {
    const failure = thrown instanceof TokenFailure ? thrown : new TokenFailure(wordsFor(thrown), false, thrown);
    if (failure.isOfSubject) return failure;
    if (!this.failure) {
      this.logger.warn({ msg: 'no token for a server', upstream_server: this.server, reason: failure.message });
    }
    this.failure = failure;
    this.urls.forget();
    this.restsUntil = this.clock.now() + this.backoff.next();
    return failure;
  }
}

function wordsFor(thrown: unknown): string {
  return thrown instanceof OutboundFailure ? `the token endpoint: ${thrown.message}` : 'no token could be asked for';
}

/** RFC 6749, section 2.3.1: as in a form. */
function encoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
