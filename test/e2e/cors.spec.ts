import { EXAMPLE, Target } from '../hostile/support/target.ts';
import { initialize, type HttpAnswer } from '../support/raw-clients.ts';
import { until } from '../support/until.ts';

const APP = 'https://app.example';
const FOREIGN = [
  'https://evil.example',
  'https://app.example.evil.example',
  'http://app.example',
  'null',
  'https://APP.example',
  `${APP}:444`,
];
const ENDPOINTS = [
  '/mcp',
  '/mcp/default',
  '/sse',
  '/messages',
  '/.well-known/oauth-protected-resource',
  '/.well-known/oauth-protected-resource/mcp',
];

const section = (keys: string): string => `${EXAMPLE}[security.cors]\nenabled = true\n${keys}`;
const corsOf = ({ headers }: HttpAnswer): string[] =>
  Object.keys(headers).filter((name) => name.startsWith('access-control'));

describe('pages of other origins', () => {
  let target: Target;

  beforeAll(async () => {
    target = await Target.start(section(`allowed_origins = ["${APP}", "https://two.example"]\n`));
  });
  afterEach(() => target.pinged());
  afterAll(() => target?.stop());

  const preflight = (path: string, origin: string, more: Record<string, string> = {}): Promise<HttpAnswer> =>
    target.http('OPTIONS', { path, headers: { origin, 'access-control-request-method': 'POST', ...more } });

  it.each(ENDPOINTS)('are told before anything else what they may do at %s', async (path) => {
    const answer = await preflight(path, APP, {
      'access-control-request-headers': 'authorization,mcp-param-region,x-evil,mcp-protocol-version,mcp-param-<b>',
    });
    expect(answer.status).toBe(204);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': APP,
      'access-control-allow-methods': 'GET, POST, DELETE',
      'access-control-allow-headers': 'authorization, mcp-param-region, mcp-protocol-version',
      'access-control-max-age': '600',
      vary: 'Origin',
    });
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
  });

  it.each(FOREIGN)('of %s are told nothing', async (origin) => {
    for (const path of ENDPOINTS) {
      const answer = await preflight(path, origin);
      expect(answer.status).not.toBe(204);
      expect(corsOf(answer)).toEqual([]);
      expect(answer.text).not.toContain(`"${origin}`);
    }
    const asked = await target.post(initialize(), { origin });
    expect([asked.status, corsOf(asked)]).toEqual([403, []]);
  });

  it.each(['/api/v1/status', '/api/v1/connections', '/health', '/mcpx', '/'])('may do nothing at %s', async (path) => {
    const answer = await preflight(path, APP);
    expect(answer.status).not.toBe(204);
    expect(corsOf(answer)).toEqual([]);
    if (path.startsWith('/api'))
      expect((await target.http('GET', { path, headers: { origin: APP } })).status).toBe(403);
  });

  it('may use the gateway, and read what they need of its answers', async () => {
    const answer = await target.post(initialize(), { origin: APP });
    expect(answer.status).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBe(APP);
    expect(answer.headers['access-control-expose-headers']).toContain(
      'Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate',
    );
    const refused = await target.post('{', { origin: APP });
    expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([400, APP]);
    const socket = (await target.connect('/mcp', { origin: APP })).socket;
    socket.terminate();
    expect((await target.refused('/mcp', { origin: 'https://evil.example' })).status).toBe(403);
  });

  it('can read why a WebSocket is refused, as far as they may read anything, with the headers of every answer', async () => {
    const refused = (origin: string) => target.refused('/mcp/none', { headers: { origin } });
    const fixed = { 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', connection: 'close' };
    const known = await refused(APP);
    expect(known.status).toBe(404);
    expect(known.json).toMatchObject({ error: { data: { reason: 'route_unknown' } } });
    expect(known.headers).toMatchObject({ ...fixed, 'access-control-allow-origin': APP, vary: 'Origin' });
    const foreign = await target.refused('/mcp', { headers: { origin: FOREIGN[0]! } });
    expect(foreign.status).toBe(403);
    expect(foreign.headers).toMatchObject({ ...fixed, vary: 'Origin' });
    expect(corsOf(foreign)).toEqual([]);
  });

  it('are kept apart in caches, whoever asks', async () => {
    expect((await target.http('GET', { path: '/sse', headers: { accept: 'text/plain' } })).headers.vary).toBe('Origin');
  });

  it('are answered by what is configured now', async () => {
    const { gateway } = target;
    gateway.rewrite(`[server]\nport = 0\n[metrics]\nport = 0\n${section('allowed_origins = ["*"]\nmax_age = "1h"\n')}`);
    gateway.process.kill('SIGHUP');
    const answer = await until(async () => {
      const asked = await preflight('/mcp', 'https://anybody.example');
      return asked.status === 204 && asked;
    }, 'the new rules');
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': '*', 'access-control-max-age': '3600' });
    expect(answer.headers).not.toHaveProperty('vary');

    gateway.rewrite(`[server]\nport = 0\n[metrics]\nport = 0\n${EXAMPLE}`);
    gateway.process.kill('SIGHUP');
    await until(async () => (await preflight('/mcp', APP)).status === 405, 'the end of CORS');
    expect(corsOf(await preflight('/mcp', APP))).toEqual([]);
    expect((await target.post(initialize(), { origin: APP })).status).toBe(403);
  });

  it('cannot all be allowed together with credentials, and not nobody', async () => {
    const { gateway } = target;
    for (const [keys, problem] of [
      ['allowed_origins = ["*"]\nallow_credentials = true\n', 'cannot be true for all origins'],
      ['', 'is empty: CORS is on and for nobody'],
      ['allowed_origins = ["https://app.example/"]\n', 'must be origins such as'],
    ] as const) {
      gateway.rewrite(`[server]\nport = 0\n[metrics]\nport = 0\n${section(keys)}`);
      gateway.process.kill('SIGHUP');
      await until(() => gateway.lines.some((line) => JSON.stringify(line).includes(problem)), problem);
    }
  });
});
