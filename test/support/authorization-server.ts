import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { type JWK, Provider } from 'oidc-provider';

import { OidcMemory } from './oidc-memory.ts';

/** A real authorization server: dynamic registration, PKCE, resource indicators, and JWTs for whatever resource is asked for. */
export class AuthorizationServer {
  private constructor(
    readonly issuer: string,
    private readonly server: Server,
    private readonly key: Parameters<SignJWT['sign']>[0],
  ) {}

  static async start(scope: string): Promise<AuthorizationServer> {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(privateKey)), kid: 'one', use: 'sig', alg: 'RS256' } as JWK;
    const provider = new Provider(issuer, {
      adapter: OidcMemory,
      jwks: { keys: [jwk] },
      cookies: { keys: ['only-for-tests'] },
      scopes: ['openid', ...scope.split(' ')],
      ttl: { AccessToken: 300, Grant: 600, Session: 600, Interaction: 600 },
      features: {
        registration: { enabled: true },
        devInteractions: { enabled: true },
        resourceIndicators: {
          enabled: true,
          useGrantedResource: () => true,
          getResourceServerInfo: (_, resource) => ({
            scope,
            audience: resource,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'RS256' } },
          }),
        },
      },
      findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    });
    const listener = provider.callback();
    server.on('request', (request, response) => void listener(request, response));
    return new AuthorizationServer(issuer, server, privateKey);
  }

  /** A token of this issuer that nobody asked it for. */
  sign(claims: JWTPayload): Promise<string> {
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'one', typ: 'at+jwt' })
      .setIssuer(this.issuer)
      .setIssuedAt()
      .sign(this.key);
  }

  /** What a browser does, whose user signs in under that name and consents to everything. Returns the code that the client gets, and from whom. */
  async browse(authorization: URL, login: string): Promise<[code: string, issuer: string]> {
    const cookies = new Map<string, string>();
    let [next, form]: [URL, URLSearchParams | undefined] = [authorization, undefined];
    for (let steps = 0; steps < 20; steps++) {
      const response = await fetch(next, {
        redirect: 'manual',
        headers: { cookie: Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; ') },
        ...(form && { method: 'POST', body: form }),
      });
      for (const [name = '', value = ''] of response.headers.getSetCookie().map((line) => line.split(/[=;]/))) {
        cookies.set(name, value);
      }
      const text = await response.text();
      const location = response.headers.get('location');
      if (location === null) {
        const prompt = /name="prompt" value="(\w+)"/.exec(text)?.[1];
        if (prompt === undefined) throw new Error(`the authorization server answered ${response.status}: ${text}`);
        form = new URLSearchParams(prompt === 'login' ? { prompt, login, password: 'x' } : { prompt });
        next = new URL(/action="([^"]+)"/.exec(text)?.[1] ?? '', next);
        continue;
      }
      [next, form] = [new URL(location, next), undefined];
      if (next.origin !== this.issuer) return codeOf(next);
    }
    throw new Error('the authorization server goes round in circles');
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

function codeOf({ searchParams }: URL): [code: string, issuer: string] {
  const code = searchParams.get('code');
  if (code === null) throw new Error(`refused: ${searchParams.toString()}`);
  return [code, searchParams.get('iss') ?? ''];
}
