import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { verifyChain } from '../../src/audit/verification.ts';
import { connect } from '../support/clients.ts';
import { BIN, EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';

const KEY = 'an-audit-key-that-is-a-secret-of-its-own';

/** Bounds the files of a process while it runs; part of util-linux. */
const HAS_PRLIMIT = spawnSync('prlimit', ['--version']).status === 0;

interface Verdict {
  readonly code: number;
  readonly text: string;
}

describe('the audit log of a running gateway', () => {
  const directory = mkdtempSync(join(tmpdir(), 'mcp-gateway-audit-'));
  const file = join(directory, 'audit.jsonl');
  const keyFile = join(directory, 'key');
  let gateway: RunningGateway;

  beforeAll(async () => {
    writeFileSync(keyFile, `${KEY}\n`);
    await start();
  });

  afterAll(async () => {
    await gateway?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  async function start(): Promise<void> {
    gateway = await startGateway(
      `${EPHEMERAL}
[audit]
enabled = true
file = "${file}"
data = "all"
on_failure = "refuse"
hmac_key = "\${AUDIT_KEY}"
[[upstream.groups.default.servers]]
command = "node"
args = ["examples/basic/src/server.ts"]
`,
      { env: { AUDIT_KEY: KEY } },
    );
    await gateway.ready();
  }

  function records(): Record<string, unknown>[] {
    const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
    return lines.flatMap((line) => {
      try {
        return [JSON.parse(line) as Record<string, unknown>];
      } catch {
        return [];
      }
    });
  }

  /** The command itself takes a second to load: where only the verdict matters, `problem` is asked. */
  function verify(...args: string[]): Promise<Verdict> {
    return new Promise((resolve) => {
      execFile(process.execPath, [BIN, 'audit', 'verify', file, ...args], (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), text: stdout + stderr }),
      );
    });
  }

  async function problem(): Promise<string | undefined> {
    return (await verifyChain([file], KEY)).problem?.why;
  }

  it('tells of a call who made it, of what, from where, how it ended, and the digest of its arguments', async () => {
    const client = await connect(gateway, 'streamable_http');
    await client.callTool({ name: 'echo', arguments: { text: 'a-very-private-payload' } });
    const call = await until(() => records().find(({ action }) => action === 'tools/call'), 'the record of the call');
    await client.close();

    expect(call).toMatchObject({
      event: 'exchange.finished',
      principal: { method: 'anonymous', subject: 'anonymous' },
      object: 'echo',
      route: 'mcp',
      group: 'default',
      client_address: '127.0.0.1',
      outcome: 'ok',
      status: 200,
      latency_ms: expect.any(Number),
      arguments_sha256: createHash('sha256').update('{"text":"a-very-private-payload"}').digest('hex'),
    });
    const logged = () => gateway.lines.some((line) => line['request_id'] === call['request_id']);
    await until(logged, 'the access line of the same request');
    expect(readFileSync(file, 'utf8')).not.toContain('a-very-private-payload');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('keeps one record a line, whatever a client calls things', async () => {
    const name = 'x\r\n{"seq":1}\u001b[2J\u2028\u202e';
    const client = await connect(gateway, 'websocket');
    await client.callTool({ name, arguments: {} }).catch(() => undefined);
    const unknown = await until(() => records().find(({ status }) => status === 404), 'the record of the call');
    await client.close();

    expect(unknown['object']).toBe('x {"seq":1} [2J ');
    expect((await verify('--key-file', keyFile)).text).toMatch(/^ok: \d+ lines, 1 to \d+, last hash [0-9a-f]{64}\n$/);
  });

  it('records what is done by the admin API, and shows its key to nobody', async () => {
    await fetch(`${gateway.origin}/api/v1/connections/c-1`, { method: 'DELETE' });
    const act = await until(() => records().find(({ event }) => event === 'admin.acted'), 'the record of the act');

    expect(act).toMatchObject({
      action: 'DELETE /api/v1/connections/:id',
      object: 'c-1',
      outcome: 'refused',
      status: 404,
    });
    const shown = JSON.stringify(await gateway.json('/api/v1/config')) + JSON.stringify(gateway.lines);
    expect(shown).toContain('"hmac_key":"***"');
    expect(shown).not.toContain(KEY);
  });

  /** Resolves when nothing more is on its way to the file: for longer than records are gathered. */
  async function quiet(): Promise<void> {
    let size = -1;
    let since = 0;
    await until(() => {
      const now = statSync(file).size;
      if (now !== size) since = performance.now();
      size = now;
      return size > 0 && performance.now() - since > 1_500;
    }, 'the file to be quiet');
  }

  it.skipIf(!HAS_PRLIMIT)(
    'refuses what it cannot record while the disk takes nothing, and goes on with the same chain',
    async () => {
      const client = await connect(gateway, 'streamable_http');
      await quiet();
      const call = () => client.callTool({ name: 'echo', arguments: { text: 'x' } });
      // The file may grow by less than a line: what is written fails half-way.
      execFileSync('prlimit', [`--fsize=${statSync(file).size + 100}:`, `--pid=${gateway.pid}`]);
      await until(
        () =>
          call().then(
            () => false,
            (thrown: Error) => thrown.message.includes('recorded'),
          ),
        'a refusal',
      );
      const closing = await fetch(`${gateway.origin}/api/v1/connections/c-1`, { method: 'DELETE' });
      expect(closing.status).toBe(503);
      expect(await closing.json()).toMatchObject({ error: { code: 'audit_unavailable' } });
      expect((await fetch(`${gateway.origin}/api/v1/status`)).status).toBe(200);
      expect(await (await fetch(gateway.metricsUrl)).text()).toMatch(/mcp_gateway_audit_failures_total [1-9]/);
      expect(await problem()).toBe('it is not a whole record');

      execFileSync('prlimit', ['--fsize=unlimited:', `--pid=${gateway.pid}`]);
      await until(
        () =>
          call().then(
            () => true,
            () => false,
          ),
        'calls to be taken again',
      );
      await client.close();
      await until(async () => (await problem()) === undefined, 'the chain to be whole');
    },
  );

  it('goes on with its chain after it was killed in the middle of writing', async () => {
    const clients = await Promise.all([1, 2, 3, 4].map(() => connect(gateway, 'websocket')));
    const before = records().length;
    const calls = clients.flatMap((client) =>
      Array.from({ length: 100 }, () => client.callTool({ name: 'echo', arguments: { text: 'x' } })),
    );
    for (const call of calls) call.catch(() => undefined);
    await until(() => records().length > before + 20, 'some of the records');
    await gateway.stop('SIGKILL');
    await Promise.allSettled(clients.map((client) => client.close()));
    await start();

    const starts = await until(() => {
      const found = records().filter(({ event }) => event === 'gateway.started');
      return found.length === 2 && found;
    }, 'the second start');
    expect(Number(starts[1]!['seq'])).toBeGreaterThan(before);
    expect(await problem()).toBeUndefined();
  });

  it('shows what was changed, and by its last hash what was cut off', async () => {
    await gateway.stop();
    const whole = readFileSync(file);
    const last = (await verifyChain([file], KEY)).last!.hash;
    expect(records().at(-1)).toMatchObject({ event: 'gateway.stopped', hash: last });
    expect((await verify('--key-file', keyFile, '--last-hash', last)).code).toBe(0);

    writeFileSync(file, whole.toString().replace('"echo"', '"ecko"'));
    expect(await verify('--key-file', keyFile)).toMatchObject({
      code: 1,
      text: expect.stringMatching(/audit\.jsonl:\d+: its hash/),
    });
    writeFileSync(file, whole.toString().split('\n').slice(0, -2).join('\n') + '\n');
    expect(await problem()).toBeUndefined();
    expect(await verify('--key-file', keyFile, '--last-hash', last)).toMatchObject({
      code: 1,
      text: expect.stringContaining('cut off'),
    });
  });
});
