import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BIN, ROOT } from '../support/gateway.ts';
import { call, request } from '../support/raw-clients.ts';
import { until } from '../support/until.ts';
import { fine, HostileUpstream } from './support/hostile-upstream.ts';
import { Target } from './support/target.ts';

const ENV = 'canary-env-value';

/** Everything secret that a configuration can hold, on servers that are up, down, refuse, and cannot start. */
const configuration = (up: HostileUpstream): string => `
[gateway]
first_list_wait = 0
[upstream.reconnect]
min = "10ms"
max = "50ms"
[[upstream.groups.default.servers]]
id = "up"
${up.toml('?key=canary-query')}
headers = { Authorization = "Bearer canary-header", X-Key = "\${CANARY}" }
[[upstream.groups.child.servers]]
id = "child"
command = "node"
args = ["--title=canary-argument", "examples/basic/src/server.ts"]
env = { API_KEY = "canary-child" }
[[upstream.groups.gone.servers]]
id = "gone"
url = "http://127.0.0.1:9/mcp?token=canary-token#canary-fragment"
[[upstream.groups.gone.servers]]
id = "gone-ws"
url = "ws://127.0.0.1:9/mcp?token=canary-token"
headers = { Cookie = "canary-cookie" }
[[upstream.groups.none.servers]]
id = "none"
command = "/nonexistent/command"
args = ["canary-argument"]
env = { KEY = "canary-child" }
[logging]
level = "trace"
`;

/** Mistakes in and around values that nobody may be shown. */
const BROKEN = `
[[upstream.groups.a.servers]]
url = "gopher://canary-user:canary-password@h/?canary-token"
[[upstream.groups.a.servers]]
url = "canary-secret"
[[upstream.groups.a.servers]]
url = "http://h/"
headers = "canary-secret"
[[upstream.groups.a.servers]]
url = "http://h/"
headers = { A = 5, "b c" = "canary-secret", D = "canary\\nsecret" }
[[upstream.groups.a.servers]]
command = "x"
env = ["canary-secret"]
[[upstream.groups.a.servers]]
command = "x"
url = "http://canary-user:canary-secret@h/"
[security]
public_url = "http://canary-user:canary-secret@/"
[security.auth]
token = "canary-secret"
`;

describe('secrets of the configuration', () => {
  let target: Target;
  let upstream: HostileUpstream;

  beforeAll(async () => {
    upstream = await HostileUpstream.start('http', {
      fine: ({ id, say }) => say(fine(id)),
      fail: ({ response }) => response?.writeHead(500).end('canary-body'),
    });
    target = await Target.start(configuration(upstream), '', { env: { CANARY: ENV }, awaited: ['up', 'child'] });
  });
  afterEach(() => target.unharmed());
  afterAll(async () => {
    await target?.stop();
    upstream?.stop();
  });

  it('reach the server they are for', async () => {
    const session = await target.session();
    expect((await target.post(call('fine', 1), session)).status).toBe(200);
    expect(upstream.requests.at(-1)?.headers).toMatchObject({ authorization: 'Bearer canary-header', 'x-key': ENV });
  });

  it.each([
    '/api/v1/status',
    '/api/v1/upstreams',
    '/api/v1/connections',
    '/api/v1/openapi.json',
    '/health',
    '/readiness',
  ])('do not stand in %s', async (path) => {
    const { text } = await target.http('GET', { path, headers: { host: 'localhost' } });
    expect(text).not.toMatch(/canary/);
  });

  it.each(['up', 'child', 'gone', 'gone-ws', 'none'])('do not stand in the status of "%s"', async (id) => {
    const { status, text } = await target.http('GET', {
      path: `/api/v1/upstreams/${id}/status`,
      headers: { host: 'localhost' },
    });
    expect(status).toBe(200);
    expect(text).not.toMatch(/canary/);
  });

  it('do not stand in the metrics', async () => {
    expect(await (await fetch(target.gateway.metricsUrl)).text()).not.toMatch(/canary/);
  });

  it('do not stand in errors', async () => {
    const client = await target.introduced();
    for (const name of ['fail', 'gone__x', 'none__x', 'child__nothing']) {
      expect(JSON.stringify(await client.ask(call(name, name)))).not.toMatch(/canary/);
    }
    expect(JSON.stringify(await client.ask(request('tools/list', 1)))).not.toMatch(/canary/);
    client.socket.terminate();
  });

  it('do not stand in any log line, at any level, after every server was tried and a reload failed', async () => {
    await until(
      () => target.gateway.lines.filter(({ msg }) => msg === 'server down').length >= 3,
      'servers to be down',
    );
    target.gateway.rewrite(`${BROKEN}[server]\nport = "many"\n`);
    await until(() => target.gateway.lines.find(({ msg }) => msg?.startsWith('configuration rejected')), 'the refusal');
    // The refusal names the file, as it should.
    expect(JSON.stringify([target.gateway.lines.splice(0), target.gateway.stderr])).not.toMatch(/canary/);
  });

  it.each([
    ['wrong', BROKEN],
    ['no TOML', '[[upstream.groups.a.servers]]\nheaders = { A = "canary-secret" B = "canary-other" }\n'],
    ['no TOML either', 'token = "canary-secret\n'],
  ])('do not stand in what is said about a configuration that is %s', async (_, toml) => {
    const directory = mkdtempSync(join(tmpdir(), 'mcp-gateway-'));
    const file = join(directory, 'gateway.toml');
    writeFileSync(file, toml);
    const said = await new Promise<string>((resolve) => {
      execFile(process.execPath, [BIN, '--config', file, '--validate'], { cwd: ROOT }, (failure, stdout, stderr) =>
        resolve(`${failure?.code} ${stdout} ${stderr}`),
      );
    });
    rmSync(directory, { recursive: true });
    expect(said).toMatch(/^1 /);
    expect(said).not.toMatch(/canary/);
  });
});
