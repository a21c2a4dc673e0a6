import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';

import { WebSocket } from 'ws';

import { digestOf, hashPassword } from '../../src/auth/index.ts';
import { basic, JWT_SECRET } from '../support/auth-bench.ts';
import { EPHEMERAL, type RunningGateway, startGateway } from '../support/gateway.ts';
import { forged, JwksServer, signed, signingKey } from '../support/jwks-server.ts';
import { until } from '../support/until.ts';

const KEY = 'mgk_canary-key-of-ci';
const PASSWORD = 'canary-password:1';
const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
});
const POST = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

interface Answer {
  readonly status: number;
  readonly challenge: string | undefined;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

type Headers = Record<string, string | string[]>;

/** The ways in, each with what a good credential is answered with. */
const WAYS: readonly [name: string, good: number, ask: (headers: Headers, more?: Ask) => Promise<Answer>][] = [
  [
    'Streamable HTTP',
    200,
    (headers, more) => http('POST', '/mcp', { ...POST, ...headers }, { body: INITIALIZE, ...more }),
  ],
  ['HTTP+SSE', 200, (headers, more) => http('GET', '/sse', { accept: 'text/event-stream', ...headers }, more)],
  ['a WebSocket', 101, (headers, more) => upgrade('/mcp', headers, more)],
];

interface Ask {
  readonly body?: string;
  readonly query?: string;
  /** Instead of 127.0.0.1, so that failures of one case are not counted against another. */
  readonly from?: string;
}

let gateway: RunningGateway;
let jwks: JwksServer;
let count = 1;
const rsa = signingKey('rsa');
const stranger = signingKey('rsa');

beforeAll(async () => {
  jwks = await JwksServer.start(rsa);
  gateway = await startGateway(
    `${EPHEMERAL}
[logging]
level = "debug"
[security.auth]
enabled = true
jwt_secret = "${JWT_SECRET}"
[[security.auth.jwt.issuers]]
issuer = "idp"
jwks_url = "${jwks.url}"
audience = ["gw"]
[[security.auth.api_keys]]
name = "ci"
sha256 = "${digestOf(KEY)}"
[[security.auth.users]]
name = "ada"
password_hash = "${await hashPassword(PASSWORD, { ln: 10, r: 8, p: 1 })}"
[security.auth.routes.crm]
methods = ["api_key"]
[[upstream.groups.default.servers]]
command = "node"
args = ["examples/basic/src/server.ts"]
[[upstream.groups.crm.servers]]
command = "node"
args = ["examples/basic/src/server.ts"]
`,
  );
});

afterAll(async () => {
  await gateway?.stop();
  await jwks[Symbol.asyncDispose]();
});

/** An address of this machine that nobody has used yet. */
function fresh(): string {
  return `127.0.${Math.floor(++count / 250)}.${(count % 250) + 2}`;
}

async function answerOf(response: IncomingMessage): Promise<Answer> {
  const { statusCode = 0, headers } = response;
  let text = '';
  // A stream that was opened goes on.
  if (headers['content-type'] === 'text/event-stream') response.destroy();
  else for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
  return { status: statusCode, challenge: headers['www-authenticate'], retryAfter: headers['retry-after'], text };
}

async function http(method: string, path: string, headers: Headers, ask: Ask = {}): Promise<Answer> {
  const { hostname: host, port } = new URL(gateway.origin);
  // Not as a URL, which would tidy the path up.
  const target = { host, port, path: path + (ask.query ?? '') };
  const sent = request({ ...target, method, headers, agent: false, localAddress: ask.from ?? fresh() });
  sent.end(ask.body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return answerOf(response);
}

async function upgrade(path: string, headers: Headers, ask: Ask = {}): Promise<Answer> {
  const url = gateway.wsUrl.replace(/\/mcp.*$/, path) + (ask.query ?? '');
  const socket = new WebSocket(url, { headers: headers as never, localAddress: ask.from ?? fresh() });
  socket.on('error', () => undefined);
  return new Promise((resolve) => {
    socket.once('open', () => {
      socket.terminate();
      resolve({ status: 101, challenge: undefined, retryAfter: undefined, text: '' });
    });
    socket.once('unexpected-response', (_request, response) => resolve(answerOf(response)));
  });
}

function shared(claims: Record<string, unknown> = {}): string {
  const exp = Math.floor(Date.now() / 1_000) + 600;
  const sign = (input: string): Buffer => createHmac('sha256', JWT_SECRET).update(input).digest();
  return forged({ alg: 'HS256' }, { sub: 'bob', exp, ...claims }, sign);
}

function issued(key = rsa, claims: Record<string, unknown> = {}): Promise<string> {
  const exp = Math.floor(Date.now() / 1_000) + 600;
  return signed(key, { sub: 'eve', iss: 'idp', aud: 'gw', exp, ...claims });
}

describe.each(WAYS)('authentication over %s', (_name, good, ask) => {
  it('lets in whoever shows a good credential of any kind', async () => {
    for (const headers of [
      { authorization: `Bearer ${shared()}` },
      { authorization: `bearer ${await issued()}` },
      { authorization: basic('ada', PASSWORD) },
      { 'x-api-key': KEY },
    ] as Headers[]) {
      expect((await ask(headers)).status).toBe(good);
    }
  });

  it('asks whoever shows nothing, in all the ways there are', async () => {
    const { status, challenge, text } = await ask({});
    expect(status).toBe(401);
    expect(challenge).toBe('Bearer, ApiKey realm="mcp-gateway", Basic realm="mcp-gateway", charset="UTF-8"');
    expect(JSON.parse(text)).toEqual({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32603, message: 'authentication is required', data: { reason: 'auth_required' } },
    });
  });

  it('turns everything else away with one and the same answer', async () => {
    const past = Math.floor(Date.now() / 1_000) - 100;
    const answers = new Set<string>();
    for (const headers of [
      { authorization: 'Bearer junk' },
      { authorization: 'Bearer' },
      { authorization: `Token ${shared()}` },
      { authorization: shared() },
      { authorization: `Bearer ${shared().slice(0, -2)}` },
      { authorization: `Bearer ${shared({ exp: past })}` },
      { authorization: `Bearer ${shared({ exp: undefined })}` },
      { authorization: `Bearer ${await issued(stranger)}` },
      { authorization: `Bearer ${await issued(rsa, { aud: 'other' })}` },
      { authorization: `Bearer ${await issued(rsa, { iss: 'https://evil.example' })}` },
      { authorization: basic('ada', 'wrong') },
      { authorization: basic('root', PASSWORD) },
      { authorization: basic('admin', 'admin') },
      { 'x-api-key': KEY.toUpperCase() },
    ] as Headers[]) {
      answers.add(JSON.stringify(await ask(headers)));
    }
    expect(answers.size).toBe(1);
    expect(JSON.parse([...answers][0]!)).toMatchObject({
      status: 401,
      challenge: expect.stringMatching(/^Bearer error="invalid_token", ApiKey/),
      text: expect.stringContaining('"reason":"auth_invalid"'),
    });
  });

  it('reads no credential from the query, a cookie or a header of some proxy', async () => {
    const token = shared();
    expect((await ask({}, { query: `?access_token=${token}&token=${token}&api_key=${KEY}` })).status).toBe(401);
    expect((await ask({ cookie: `token=${token}; access_token=${token}; x-api-key=${KEY}` })).status).toBe(401);
    for (const name of ['x-forwarded-user', 'x-remote-user', 'x-auth-request-user', 'x-forwarded-access-token']) {
      expect((await ask({ [name]: token })).status).toBe(401);
    }
  });

  it('refuses two Authorization headers', async () => {
    expect((await ask({ authorization: [`Bearer ${shared()}`, 'Bearer x'] })).status).toBe(400);
  });

  it('holds up whoever guesses, and no good credential from the same address', async () => {
    const from = fresh();
    const statuses: number[] = [];
    for (let n = 0; n < 12; n++) statuses.push((await ask({ authorization: `Bearer guess-${n}` }, { from })).status);

    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
    expect((await ask({ authorization: 'Bearer again' }, { from })).retryAfter).toMatch(/^[1-6]$/);
    expect((await ask({ 'x-api-key': KEY }, { from })).status).toBe(good);
    expect((await ask({}, { from })).status).toBe(401);
  });
});

describe('authentication', () => {
  it('asks on a route for what that route takes, however its path is written', async () => {
    const bearer = { ...POST, authorization: `Bearer ${shared()}` };
    for (const path of ['/mcp/crm', '/mcp/crm/']) {
      expect(await http('POST', path, bearer, { body: INITIALIZE })).toMatchObject({
        status: 401,
        challenge: 'ApiKey realm="mcp-gateway"',
      });
    }
    expect((await http('POST', '/mcp/crm', { ...POST, 'x-api-key': KEY }, { body: INITIALIZE })).status).toBe(200);
    for (const path of ['/mcp//crm', '/mcp/%63rm', '/MCP/crm', '/mcp/crm;x', '/mcp/./crm', '/mcp/crm/..']) {
      expect((await http('POST', path, bearer, { body: INITIALIZE })).status).not.toBe(200);
    }
  });

  it.each(['GET', 'DELETE', 'HEAD', 'OPTIONS', 'PUT', 'PATCH'])('lets nobody in by %s', async (method) => {
    for (const path of ['/mcp', '/mcp/crm', '/sse', '/messages']) {
      const { status } = await http(method, path, { 'x-http-method-override': 'POST', accept: '*/*' });
      expect([401, 405]).toContain(status);
    }
  });

  it('judges who asks before it reads what', async () => {
    expect((await http('POST', '/mcp', { 'content-type': 'application/json' }, { body: '{' })).status).toBe(401);
  });

  it('leaves probes alone', async () => {
    expect((await http('GET', '/liveness', {})).status).toBe(200);
  });

  it('tells of every decision, and of no secret', async () => {
    const metrics = await (await fetch(gateway.metricsUrl)).text();
    expect(metrics).toMatch(/mcp_gateway_auth_decisions_total\{method="jwt",outcome="granted",why="none"\} \d/);
    expect(metrics).toMatch(/mcp_gateway_auth_decisions_total\{method="jwt",outcome="refused",why="audience"\} \d/);
    expect(metrics).toMatch(/mcp_gateway_auth_decisions_total\{method="jwt",outcome="throttled",why="malformed"\} \d/);
    expect(gateway.line('authenticated')).toMatchObject({ auth_method: expect.any(String), route: 'mcp' });
    expect(gateway.line('authentication refused')).toMatchObject({ why: expect.any(String) });
    const said = JSON.stringify([gateway.lines, gateway.stderr, metrics, await gateway.json('/api/v1/status')]);
    for (const secret of [KEY, 'canary', JWT_SECRET, digestOf(KEY), '$scrypt$', shared().split('.')[2]!]) {
      expect(said).not.toContain(secret);
    }
    expect(said).toContain('jwt_secret stands in the configuration file');
  });

  it('follows the configuration without a restart', async () => {
    gateway.rewrite(readFileSync(gateway.configFile, 'utf8').replace(digestOf(KEY), digestOf('another')));
    await until(
      async () =>
        (await http('POST', '/mcp', { ...POST, 'x-api-key': 'another' }, { body: INITIALIZE })).status === 200,
      'the new key to be good',
    );
    expect((await http('POST', '/mcp', { ...POST, 'x-api-key': KEY }, { body: INITIALIZE })).status).toBe(401);
  });
});
