import { generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { SignJWT } from 'jose';

export interface SigningKey {
  readonly id: string;
  readonly algorithm: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Made once for all tests of a file: RSA keys take their time. */
export function signingKey(id: string, algorithm = 'RS256'): SigningKey {
  if (algorithm === 'EdDSA') return { id, algorithm, ...generateKeyPairSync('ed25519') };
  if (algorithm.startsWith('ES')) return { id, algorithm, ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
  return { id, algorithm, ...generateKeyPairSync('rsa', { modulusLength: 2_048 }) };
}

/** An issuer that publishes keys on this machine, rotates them, and counts who asks for what. */
export class JwksServer implements AsyncDisposable {
  readonly asked: string[] = [];
  keys: readonly SigningKey[] = [];
  /** Instead of the JWKS. */
  answer: { readonly status: number; readonly body: string; readonly headers?: Record<string, string> } | undefined;

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      this.asked.push(request.url ?? '');
      const { status, body, headers = {} } = this.answer ?? { status: 200, body: JSON.stringify(this.jwks()) };
      response.writeHead(status, headers).end(body);
    });
  }

  static async start(...keys: SigningKey[]): Promise<JwksServer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const jwks = new JwksServer(server);
    jwks.keys = keys;
    return jwks;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `${this.origin}/jwks`;
  }

  jwks(): { keys: JsonWebKey[] } {
    return {
      keys: this.keys.map(({ id, algorithm, publicKey }) => ({
        ...publicKey.export({ format: 'jwk' }),
        kid: id,
        alg: algorithm,
        use: 'sig',
      })),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** A token signed with a key. What is undefined is left out. */
export async function signed(
  key: SigningKey,
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
): Promise<string> {
  const known = { alg: key.algorithm, kid: key.id, ...header } as { alg: string };
  return new SignJWT(claims).setProtectedHeader(known).sign(key.privateKey);
}

/** A token of these parts, whatever they say, signed as it is told. */
export function forged(header: unknown, claims: unknown, sign: (input: string) => Buffer | string): string {
  const input = `${part(header)}.${part(claims)}`;
  const signature = sign(input);
  return `${input}.${typeof signature === 'string' ? signature : signature.toString('base64url')}`;
}

export function part(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}
