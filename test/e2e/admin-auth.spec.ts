import { createHash, randomBytes, scryptSync } from 'node:crypto';

import { SignJWT } from 'jose';

import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';

const SECRET = 'a-secret-of-tokens-that-is-long-enough';
const CLIENT_KEY = 'client-key-client-key-client-key-client';
const ADMIN_KEY = 'admin-key-admin-key-admin-key-admin-key';
const PASSWORD = 'correct horse: battery';

function scrypt(password: string): string {
  const salt = randomBytes(16);
  const hash = scryptSync(password, salt, 32, { N: 2 ** 12, r: 8, p: 1 });
  const base64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
  return `$scrypt$ln=12,r=8,p=1$${base64(salt)}$${base64(hash)}`;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function token(claims: Record<string, unknown>): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('tess')
    .setExpirationTime('5m')
    .sign(Buffer.from(SECRET));
}

describe('the admin API of a gateway with credentials', () => {
  let gateway: RunningGateway;

  beforeAll(async () => {
    gateway = await startGateway(`${EPHEMERAL}
[security.auth]
enabled = true
jwt_secret = "${SECRET}"
[[security.auth.api_keys]]
name = "client"
sha256 = "${sha256(CLIENT_KEY)}"
roles = ["admin"]
[[security.auth.users]]
name = "ada"
password_hash = "${scrypt('the password of a client')}"
roles = ["admin"]
[admin]
port = 0
[[admin.api_keys]]
name = "deploy"
sha256 = "${sha256(ADMIN_KEY)}"
role = "admin"
[[admin.users]]
name = "ada"
password_hash = "${scrypt(PASSWORD)}"
role = "viewer"
[admin.jwt_roles]
platform = "operator"
[[upstream.groups.default.servers]]
command = "node"
args = ["examples/basic/src/server.ts"]
[security.auth.routes.admin]
methods = ["api_key"]
[[upstream.groups.admin.servers]]
command = "node"
args = ["examples/basic/src/server.ts"]
`);
  });

  afterAll(() => gateway?.stop());

  async function ask(path: string, headers: Record<string, string> = {}, method = 'GET') {
    const response = await fetch(new URL(path, gateway.adminUrl), { method, headers });
    return {
      status: response.status,
      body: (await response.json()) as Record<string, unknown>,
      challenge: response.headers.get('www-authenticate'),
    };
  }

  const basic = (password: string) => ({ authorization: `Basic ${Buffer.from(`ada:${password}`).toString('base64')}` });

  it('is on its own port, and not on the main one', async () => {
    expect(new URL(gateway.adminUrl).port).not.toBe(new URL(gateway.url).port);
    for (const path of ['/api/v1/status', '/api/v1/nothing']) {
      expect((await fetch(`${gateway.origin}${path}`, { headers: { 'x-api-key': ADMIN_KEY } })).status).toBe(404);
    }
    expect((await ask('/mcp', { 'x-api-key': ADMIN_KEY })).status).toBe(404);
  });

  it('asks for one of its credentials', async () => {
    const { status, body, challenge } = await ask('/api/v1/status');

    expect(status).toBe(401);
    expect(body).toMatchObject({ error: { code: 'auth_required' } });
    expect(challenge).toMatch(/Bearer.*ApiKey realm=.*Basic realm=/);
  });

  it('takes keys, users and tokens, each with its role', async () => {
    const bearer = { authorization: `Bearer ${await token({ roles: ['platform'] })}` };
    expect((await ask('/api/v1/whoami', { 'x-api-key': ADMIN_KEY })).body).toMatchObject({
      method: 'api_key',
      subject: 'deploy',
      role: 'admin',
    });
    expect((await ask('/api/v1/whoami', basic(PASSWORD))).body).toMatchObject({
      method: 'basic',
      subject: 'ada',
      role: 'viewer',
    });
    expect((await ask('/api/v1/whoami', bearer)).body).toMatchObject({
      method: 'jwt',
      subject: 'tess',
      role: 'operator',
    });
    expect((await ask('/api/v1/config/reload', bearer, 'POST')).body).toMatchObject({
      error: { code: 'access_denied' },
    });
    expect(await ask('/api/v1/config/reload', { 'x-api-key': ADMIN_KEY }, 'POST')).toMatchObject({
      status: 200,
      body: { outcome: 'unchanged' },
    });
  });

  it('takes nothing that is good for clients alone, and clients get nowhere with what is good for it', async () => {
    const ordinary = { authorization: `Bearer ${await token({ roles: ['admin', 'viewer'] })}` };
    const post = (headers: Record<string, string>, path = '/mcp') =>
      fetch(new URL(path, gateway.url), {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
        body: JSON.stringify({
          jsonrpc: '2.0',
          id: 1,
          method: 'initialize',
          params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } },
        }),
      }).then(async (response) => {
        await response.text();
        return response.status;
      });

    // Each was good where it belongs a moment ago: what is remembered there is not remembered here.
    expect(await post({ 'x-api-key': CLIENT_KEY })).toBe(200);
    expect(await post(basic('the password of a client'))).toBe(200);
    expect(await post(ordinary)).toBe(200);
    expect((await ask('/api/v1/status', { 'x-api-key': CLIENT_KEY })).status).toBe(401);
    expect((await ask('/api/v1/status', basic('the password of a client'))).status).toBe(401);
    expect((await ask('/api/v1/status', ordinary)).status).toBe(403);
    expect(await post({ 'x-api-key': ADMIN_KEY })).toBe(401);
    expect(await post(basic(PASSWORD))).toBe(401);
    // A group may be called like the admin API: it asks as all groups do.
    expect(await post({ 'x-api-key': CLIENT_KEY }, '/mcp/admin')).toBe(200);
    expect(await post({ 'x-api-key': ADMIN_KEY }, '/mcp/admin')).toBe(401);
    expect(await post(basic('the password of a client'), '/mcp/admin')).toBe(401);
  });

  it('refuses foreign hosts and pages before it asks anybody', async () => {
    expect((await ask('/api/v1/status', { 'x-api-key': ADMIN_KEY, origin: 'https://evil.example' })).status).toBe(403);
  });

  it('shows its configuration without a hash of a password or a secret', async () => {
    const shown = JSON.stringify((await ask('/api/v1/config', { 'x-api-key': ADMIN_KEY })).body);

    expect(shown).toContain('"password_hash":"***"');
    expect(shown).toContain('"jwt_secret":"***"');
    expect(shown).not.toContain(SECRET);
    expect(shown).not.toContain('$scrypt$');
  });

  it('describes how to sign in', async () => {
    const { body } = await ask('/api/v1/openapi.json', { 'x-api-key': ADMIN_KEY });

    expect(body).toMatchObject({
      components: {
        securitySchemes: { api_key: { name: 'X-API-Key' }, basic: { scheme: 'basic' }, bearer: { scheme: 'bearer' } },
      },
      paths: { '/api/v1/config/reload': { post: { security: expect.arrayContaining([{ api_key: [] }]) } } },
    });
  });
});
