import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { decodeJwt } from 'jose';

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** What a token endpoint was asked, and how the client showed itself. */
export interface TokenRequest {
  readonly grant: string;
  readonly subject: string | undefined;
  readonly form: URLSearchParams;
  readonly authorization: string | undefined;
}

/**
 * A token endpoint over HTTP (RFC 6749, RFC 8693): `own-1`, `own-2`, … for its client, or by the audience instead, `SUBJECT-1`, … for whoever came
 * with the token `SUBJECT`, or with a JWT of that subject; where it has a scope, `SUBJECT.SCOPE-1`. Tokens are good until they are revoked.
 */
export class TokenServer {
  readonly asked: TokenRequest[] = [];
  /** What it answers instead of tokens. */
  failure: { readonly status: number; readonly error: string } | undefined;
  expiresIn: number | undefined = 3_600;
  /** Another address of the endpoint, in its metadata. */
  elsewhere: string | undefined;
  private readonly good = new Set<string>();
  private issued = 0;
  private readonly http: Server;

  private constructor(
    readonly clientId: string,
    private readonly clientSecret: string,
  ) {
    this.http = createServer((request, response) => void this.handle(request, response));
  }

  static async start(clientId = 'gateway', clientSecret = 's3cret/of the gateway'): Promise<TokenServer> {
    const server = new TokenServer(clientId, clientSecret);
    server.http.listen(0, '127.0.0.1');
    await once(server.http, 'listening');
    return server;
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `${this.issuer}/token`;
  }

  accepts(authorization: string | undefined): boolean {
    return this.good.has(authorization?.replace(/^Bearer /, '') ?? '');
  }

  /** No token that was issued for this audience, or this subject, is good any more. */
  revoke(whose: string): void {
    for (const token of this.good) if (token.startsWith(`${whose}-`)) this.good.delete(token);
  }

  count(grant: 'own' | 'exchange'): number {
    return this.asked.filter((asked) => (asked.grant === EXCHANGE) === (grant === 'exchange')).length;
  }

  async stop(): Promise<void> {
    this.http.closeAllConnections();
    await new Promise((done) => this.http.close(done));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/.well-known/oauth-authorization-server') {
      return answer(response, 200, { issuer: this.issuer, token_endpoint: this.elsewhere ?? this.url });
    }
    if (request.url !== '/token' || request.method !== 'POST') return answer(response, 404, {});
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const { authorization } = request.headers;
    const subject = subjectOf(form.get('subject_token') ?? undefined);
    this.asked.push({ grant: form.get('grant_type') ?? '', subject, form, authorization });
    if (this.failure) return answer(response, this.failure.status, { error: this.failure.error });
    if (!this.isClient(authorization, form)) return answer(response, 401, { error: 'invalid_client' });
    if (subject?.startsWith('bad')) return answer(response, 400, { error: 'invalid_grant' });
    const token = `${subject ?? form.get('audience') ?? 'own'}-${++this.issued}`;
    this.good.add(token);
    answer(response, 200, { access_token: token, token_type: 'Bearer', expires_in: this.expiresIn });
  }

  private isClient(authorization: string | undefined, form: URLSearchParams): boolean {
    if (authorization === undefined) {
      return form.get('client_id') === this.clientId && form.get('client_secret') === this.clientSecret;
    }
    const [id = '', secret = ''] = Buffer.from(authorization.replace(/^Basic /, ''), 'base64')
      .toString()
      .split(':');
    const plain = (text: string): string => new URLSearchParams(`x=${text}`).get('x') ?? '';
    return plain(id) === this.clientId && plain(secret) === this.clientSecret;
  }
}

function subjectOf(token: string | undefined): string | undefined {
  if (token?.split('.').length !== 3) return token;
  const { sub, scope } = decodeJwt<{ scope?: string }>(token);
  return scope === undefined ? sub : `${sub}.${scope}`;
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
