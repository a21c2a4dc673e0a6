import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { connect, textOf } from '../support/clients.ts';
import { BIN, EPHEMERAL, ROOT, startGateway } from '../support/gateway.ts';

function run(...args: string[]) {
  return spawnSync(process.execPath, [BIN, ...args], { cwd: ROOT, encoding: 'utf8' });
}

function file(name: string, text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'mcp-gateway-cli-')), name);
  writeFileSync(path, text);
  return path;
}

describe('mcp-gateway --validate', () => {
  it('accepts the shipped configuration', () => {
    const { status, stdout } = run('--config', 'config/gateway.toml', '--validate');
    expect(stdout).toContain('ok');
    expect(status).toBe(0);
  });

  it('says every problem with file, line and column', () => {
    const path = file(
      'broken.toml',
      `[server]
port = "eighty"
hots = "127.0.0.1"

[upstream.groups.crm]
strategy = "p2c"

[[upstream.groups.crm.servers]]
url = "ftp://127.0.0.1/"
`,
    );
    const { status, stdout, stderr } = run('--config', path, '--validate');
    const said = stdout + stderr;

    expect(status).toBe(1);
    expect(said).toMatch(/broken\.toml:2:\d+: server\.port: /);
    expect(said).toMatch(/broken\.toml:3:\d+: server\.hots: .*host/);
    expect(said).toMatch(/broken\.toml:6:\d+: upstream\.groups\.crm\.strategy: .*p2c.*round_robin/);
    expect(said).toMatch(/broken\.toml:9:\d+: upstream\.groups\.crm\.servers\[0\]\.url: /);
  });

  it('points at a syntax error', () => {
    const { status, stdout, stderr } = run('--config', file('syntax.toml', '[server]\nport = = 1\n'), '--validate');
    expect(status).toBe(1);
    expect(stdout + stderr).toMatch(/syntax\.toml:2:8: /);
  });

  it.each([
    [
      '[security.auth]\nenabled = true\njwt_secret = "your-secret-key"\n',
      /2?:\d+: security\.auth\.jwt_secret: is a placeholder/,
    ],
    ['[security.auth]\nenabled = true\n', /secure\.toml:2:1: security\.auth\.enabled: .*nothing to authenticate with/],
    ['[security.rate_limiting]\nstore = "redis"\n', /secure\.toml:2:1: security\.rate_limiting\.store: /],
  ])('refuses protection that protects nothing: %j', (toml, problem) => {
    const { status, stdout, stderr } = run('--config', file('secure.toml', toml), '--validate');
    expect(status).toBe(1);
    expect(stdout + stderr).toMatch(problem);
  });

  it('refuses a public address without authentication, unless told otherwise', () => {
    const server = '[[upstream.groups.a.servers]]\ncommand = "node"\n';
    const open = file('open.toml', `[server]\nhost = "0.0.0.0"\n${server}`);
    const meant = file('meant.toml', `[server]\nhost = "0.0.0.0"\n[security]\nallow_anonymous = true\n${server}`);

    const refused = run('--config', open, '--validate');
    expect(refused.status).toBe(1);
    expect(refused.stdout + refused.stderr).toContain('allow_anonymous');
    expect(run('--config', meant, '--validate').status).toBe(0);
  });
});

describe('mcp-gateway', () => {
  it('exits with 1 and the problems when it cannot start', () => {
    const { status, stdout, stderr } = run('--config', file('bad.toml', '[server]\nprot = 1\n'));
    expect(status).toBe(1);
    expect(stdout + stderr).toMatch(/bad\.toml:2:1: server\.prot: /);
  });

  it('prints its version and its help', () => {
    expect(run('--version').stdout).toMatch(/^mcp-gateway \d+\.\d+\.\d+ /);
    const { stdout } = run('--help');
    for (const flag of ['--config', '--validate', '--log-level', '--dev', '--mcp-json']) expect(stdout).toContain(flag);
  });

  it('exits with 2 on a flag it does not know', () => {
    expect(run('--bogus').status).toBe(2);
  });

  it.runIf(existsSync('/usr/bin/node'))('re-executes itself when an older Node starts it', () => {
    const { stdout, status } = spawnSync('/usr/bin/node', [BIN, '--version'], { cwd: ROOT, encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).toMatch(/\(node v24\./);
  });

  it('says in one line that a port is taken', async () => {
    const gateway = await startGateway(
      EPHEMERAL + '[[upstream.groups.a.servers]]\ncommand = "node"\nargs = ["-e", ""]\n',
    );
    const port = new URL(gateway.url).port;
    const toml = `[server]\nport = ${port}\n[metrics]\nport = 0\n[[upstream.groups.a.servers]]\ncommand = "node"\n`;
    const { status, stdout, stderr } = run('--config', file('taken.toml', toml));

    expect(status).toBe(1);
    expect(stdout + stderr).toContain(port);
    expect(stdout + stderr).not.toMatch(/\n\s+at /);
    await gateway.stop();
  });

  it('starts from a Claude-style mcpServers file, one group per entry', async () => {
    const json = JSON.stringify({
      mcpServers: {
        'My Notes!': { command: 'node', args: ['examples/basic/src/server.ts'], env: { INSTANCE_ID: 'from-json' } },
      },
    });
    const gateway = await startGateway(json, {
      flag: '--mcp-json',
      env: { MCP_GATEWAY_PORT: '0', MCP_GATEWAY__METRICS__PORT: '0' },
    });
    await gateway.ready();
    const client = await connect(gateway, 'streamable_http');

    expect(textOf(await client.callTool({ name: 'my-notes__echo', arguments: { text: 'hi' } }))).toContain('hi');
    await client.close();
    await gateway.stop();
  });
});

describe('a checkout that is not built', () => {
  it('says so in two lines', () => {
    const root = mkdtempSync(join(tmpdir(), 'mcp-gateway-unbuilt-'));
    mkdirSync(join(root, 'bin'));
    writeFileSync(join(root, 'package.json'), '{"type":"module"}');
    copyFileSync(BIN, join(root, 'bin/mcp-gateway'));
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'bin/mcp-gateway')], { encoding: 'utf8' });

    expect(status).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringContaining('not built'),
      expect.stringContaining('npm run build'),
    ]);
  });
});
