import { createHash, createHmac } from 'node:crypto';

/** How whoever attacks has been let in. */
export interface Mode {
  readonly name: 'without authentication' | 'with JWT' | 'with API keys';
  readonly toml: string;
  /** Lines of headers that let a request in, each with its end. */
  readonly pass: string;
  /** What a request without any credential is answered; undefined where it needs none. */
  readonly closed: 401 | undefined;
}

/** Both are planted: no byte that comes back may hold them. */
export const SECRET = 'canary-jwt-secret-of-more-than-32-bytes';
export const KEY = 'canary-api-key-0123456789abcdef';

const AUDIENCE = 'https://gateway.example/mcp';
const ISSUER = 'https://issuer.example';

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token as the configured secret signs it. What is given replaces what a good one says. */
export function tokenOf(claims: object = {}, header: object = {}, secret = SECRET): string {
  const now = Math.floor(Date.now() / 1_000);
  const said = { sub: 'mallory', iss: ISSUER, aud: AUDIENCE, iat: now, exp: now + 3_600, ...claims };
  const signed = `${encoded({ alg: 'HS256', typ: 'JWT', ...header })}.${encoded(said)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

export const TOKEN = tokenOf();

/** Nobody is asked who he is. */
export const OPEN: Mode = { name: 'without authentication', toml: '', pass: '', closed: undefined };

export const MODES: readonly Mode[] = [
  OPEN,
  {
    name: 'with JWT',
    toml: `
[security.auth]
enabled = true
jwt_secret = "\${CANARY_SECRET}"
failed_per_minute = 10000
[security.auth.jwt]
issuer = "${ISSUER}"
audience = ["${AUDIENCE}"]
`,
    pass: `Authorization: Bearer ${TOKEN}\r\n`,
    closed: 401,
  },
  {
    name: 'with API keys',
    toml: `
[security.auth]
enabled = true
failed_per_minute = 10000
[[security.auth.api_keys]]
name = "mallory"
sha256 = "${createHash('sha256').update(KEY).digest('hex')}"
`,
    pass: `X-API-Key: ${KEY}\r\n`,
    closed: 401,
  },
];
