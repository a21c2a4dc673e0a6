import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { hashSync } from 'bcryptjs';

import { CLIENT_TRANSPORTS, connect, textOf } from '../support/clients.ts';
import { EPHEMERAL, MODULES, ROOT, startGateway } from '../support/gateway.ts';
import { privateMib } from '../support/private-memory.ts';

const MOST_AT_REST_MIB = 60;

// Away from all that is installed: what is not in the bundle is not found.
const root = mkdtempSync(join(tmpdir(), 'mcp-gateway-bundle-'));
const bin = join(root, 'bin/mcp-gateway');

/** What is compiled lies beside the bundle, unless the environment names another place. */
const env = { NODE_COMPILE_CACHE: '' };

const BASIC = `${EPHEMERAL}
[[upstream.groups.default.servers]]
id = "basic"
command = "node"
args = ["examples/basic/src/server.ts"]
`;

function run(...args: string[]) {
  return spawnSync(process.execPath, [bin, ...args], { cwd: ROOT, encoding: 'utf8' });
}

beforeAll(() => {
  // `npm run bundle` made it, and what it compiled there is compiled for that place alone.
  const isProgram = (path: string): boolean => !/\.map$|\/compiled$/.test(path);
  for (const file of ['bin', 'package.json', 'dist/bundle']) {
    cpSync(join(ROOT, file), join(root, file), { recursive: true, filter: isProgram });
  }
});

afterAll(() => rmSync(root, { recursive: true }));

// All other tests start the bundle: what only these two ask of the modules is that they find each other.
describe.each([
  ['the bundle', bin],
  ['the modules', MODULES],
])('%s', (_, program) => {
  it('serves calls, administration, its description, health and metrics', async () => {
    const gateway = await startGateway(BASIC, { bin: program, env });
    await gateway.ready();
    for (const transport of CLIENT_TRANSPORTS) {
      const client = await connect(gateway, transport);
      expect(textOf(await client.callTool({ name: 'echo', arguments: { text: 'hi' } }))).toContain('hi');
      await client.close();
    }

    const { paths, components } = await gateway.json<{ paths: object; components: { schemas: object } }>(
      '/api/v1/openapi.json',
    );
    expect(paths).toHaveProperty('/api/v1/upstreams');
    expect(components.schemas).toHaveProperty('ServerStatus');
    expect((await fetch(new URL('/readiness', gateway.url))).status).toBe(200);
    expect(await (await fetch(gateway.metricsUrl)).text()).toContain('mcp_');
    expect(await gateway.stop()).toBe(0);
  });

  it('loads what only some need: passwords on a thread of their own, conditions, schemas, tokens of others', async () => {
    const toml = `${BASIC}
[security.auth]
enabled = true
jwt_secret = "${randomBytes(32).toString('hex')}"
[[security.auth.users]]
name = "ann"
password_hash = "${hashSync('a word', 4)}"
roles = ["user"]
[[security.policy.rules]]
name = "users"
roles = ["user"]
tools = ["*"]
when = 'principal.method == "basic"'
[admin]
enabled = false
`;
    const gateway = await startGateway(toml, { bin: program, env });
    const ask = (authorization: string) =>
      fetch(gateway.url, {
        method: 'POST',
        headers: {
          authorization,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        },
        body: '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}',
      });
    const basic = (password: string) => `Basic ${btoa(`ann:${password}`)}`;
    expect((await ask(basic('a word'))).status).toBe(200);
    expect((await ask(basic('another'))).status).toBe(401);
    expect((await ask('Bearer a.b.c')).status).toBe(401);
    await gateway.stop();
  });
});

describe('the bundle', () => {
  it('has all commands', () => {
    expect(run('--version').stdout).toMatch(/^mcp-gateway \d+\.\d+\.\d+ /);
    expect(run('--config', 'config/gateway.toml', '--validate')).toMatchObject({ status: 0 });
    expect(JSON.parse(run('schema').stdout)).toHaveProperty('properties.server');
    expect(run('generate', '--check')).toMatchObject({ status: 0, stderr: '' });
    expect(run('keys', 'new', 'somebody').status).toBe(0);
  });

  it.runIf(process.platform === 'linux')('needs little memory once what it compiles is there', async () => {
    const first = await startGateway(BASIC, { bin, env });
    await first.stop();
    expect(readdirSync(join(root, 'dist/bundle/compiled'))).not.toEqual([]);

    const gateway = await startGateway(BASIC, { bin, env });
    await gateway.ready();
    expect(privateMib(gateway.pid)).toBeLessThan(MOST_AT_REST_MIB);
    await gateway.stop();
  });
});
