import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { connect } from '../support/clients.ts';
import { ask, isAlive, totalOf, workersOf } from '../support/crew.ts';
import { BIN, ROOT, startGateway as start, type RunningGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';

const BASIC = `
[[upstream.groups.default.servers]]
command = "node"
args = ["examples/basic/src/server.ts"]
`;
const TWO = '[server]\nport = 0\nworkers = 2\n[metrics]\nport = 0\n';

const directory = mkdtempSync(join(tmpdir(), 'mcp-workers-'));
let files = 0;
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const started: RunningGateway[] = [];

async function startGateway(...how: Parameters<typeof start>): Promise<RunningGateway> {
  const gateway = await start(...how);
  started.push(gateway);
  return gateway;
}

// What a test that failed has left behind: workers end with their primary.
afterEach(() => {
  for (const { process: child } of started.splice(0)) child.kill('SIGKILL');
});

/** A configuration as a file. */
function written(toml: string): string {
  const file = join(directory, `${++files}.toml`);
  writeFileSync(file, toml);
  return file;
}

/** The processes that a process has started. */
function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

const allPids = async (gateway: RunningGateway) => (await workersOf(gateway)).map(({ pid }) => pid!);

/** Counts down through each of two workers, and resolves when both have begun. */
async function underWay(gateway: RunningGateway, from = 8) {
  const clients = [await connect(gateway, 'websocket'), await connect(gateway, 'websocket')];
  const started = clients.map(() => Promise.withResolvers<void>());
  const calls = clients.map((client, n) =>
    client.callTool({ name: 'count_down', arguments: { from, interval_ms: 100 } }, undefined, {
      onprogress: () => started[n]!.resolve(),
    }),
  );
  await Promise.all(started.map(({ promise }) => promise));
  return Promise.all(calls);
}

describe('the life of workers', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('%s lets all finish what they have, and ends with 0', async (signal) => {
    const gateway = await (await startGateway(TWO + BASIC)).ready();
    const pids = await allPids(gateway);
    const calls = underWay(gateway);
    await until(async () => {
      const { body } = await ask<{ groups: { servers: { pending: number }[] }[] }>(
        new URL('/api/v1/upstreams', gateway.url),
      );
      return body.groups[0]!.servers[0]!.pending === 2;
    }, 'both calls to be under way');
    const stopped = gateway.stop(signal);
    expect(await calls).toHaveLength(2);
    expect(await stopped).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('a second signal ends it at once', async () => {
    const gateway = await (await startGateway(TWO + BASIC)).ready();
    const pids = await allPids(gateway);
    const client = await connect(gateway, 'websocket');
    const begun = Promise.withResolvers<void>();
    const call = client.callTool({ name: 'count_down', arguments: { from: 600, interval_ms: 100 } }, undefined, {
      onprogress: () => begun.resolve(),
    });
    const lost = expect(call).rejects.toThrow('Connection closed');
    await begun.promise;
    gateway.process.kill('SIGTERM');
    await until(() => gateway.line('stopping'), 'it to stop');
    expect(await gateway.stop('SIGTERM')).not.toBe(0);
    await lost;
    await until(() => pids.every((pid) => !isAlive(pid)), 'all to be gone');
  });

  it('one that is asked to stop finishes what it has, while all who come go to the others', async () => {
    const gateway = await (await startGateway(`${TWO}[admin]\nrequests_per_minute = 100000\n${BASIC}`)).ready();
    const [first] = await workersOf(gateway);
    const brief = await Promise.all([connect(gateway, 'websocket'), connect(gateway, 'websocket')]);
    await Promise.all(brief.map((client) => client.callTool({ name: 'add', arguments: { a: 1, b: 2 } })));
    const calls = underWay(gateway, 60);
    await until(async () => {
      const { body } = await ask<{ groups: { servers: { pending: number }[] }[] }>(
        new URL('/api/v1/upstreams', gateway.url),
      );
      return body.groups[0]!.servers[0]!.pending === 2;
    }, 'both calls to be under way');
    const counted = await totalOf(gateway, 'mcp_gateway_upstream_requests_total');
    expect(counted).toBeGreaterThanOrEqual(2);
    process.kill(first!.pid!, 'SIGTERM');
    const states = await until(async () => {
      const workers = await workersOf(gateway);
      return workers.some(({ state }) => state === 'stopping') && workers.map(({ state }) => state);
    }, 'it to be known to stop');
    expect(states).toEqual(['stopping', 'ready']);
    expect(await totalOf(gateway, 'mcp_gateway_workers_ready')).toBe(1);
    const asked = await Promise.all(
      Array.from({ length: 8 }, async () => (await ask(new URL('/readiness', gateway.url))).status),
    );
    expect(asked).toEqual(asked.map(() => 200));
    expect((await workersOf(gateway))[0]).toMatchObject({ pid: first!.pid, state: 'stopping' });

    expect(await calls).toHaveLength(2);
    const [later] = await until(async () => {
      const workers = await workersOf(gateway);
      return workers.every(({ state }) => state === 'ready') && workers;
    }, 'another in its place');
    expect(later).toMatchObject({ restarts: 1 });
    expect(later!.pid).not.toBe(first!.pid);
    expect(await totalOf(gateway, 'mcp_gateway_upstream_requests_total')).toBeGreaterThanOrEqual(counted + 2);
    await Promise.all(brief.map((client) => client.close()));
    expect(await gateway.stop()).toBe(0);
  });

  it('a stop during the start leaves nobody behind', async () => {
    const child = spawn(process.execPath, [BIN, '--config', written(TWO + BASIC)], { cwd: ROOT, stdio: 'ignore' });
    const [first] = await until(() => {
      const pids = childrenOf(child.pid!);
      return pids.length > 0 && pids;
    }, 'the first worker');
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    expect(isAlive(first!)).toBe(false);
  });

  it('no worker survives its primary, and what they have is answered first', async () => {
    const gateway = await (await startGateway(TWO + BASIC)).ready();
    const pids = await allPids(gateway);
    const calls = underWay(gateway);
    await until(async () => {
      const { body } = await ask<{ groups: { servers: { pending: number }[] }[] }>(
        new URL('/api/v1/upstreams', gateway.url),
      );
      return body.groups[0]!.servers[0]!.pending === 2;
    }, 'both calls to be under way');
    await gateway.stop('SIGKILL');
    expect(await calls).toHaveLength(2);
    await until(() => pids.every((pid) => !isAlive(pid)), 'the workers to follow');
  });

  it.each([
    ['a configuration that is wrong', () => `${TWO}[server.nonsense]\n`, 'server.nonsense'],
    [
      'a check that fails late',
      () => `${TWO}[security.pinning]\nenabled = true\nfile = "/nowhere/x"\n[audit]\nenabled = true\n`,
      'audit.file',
    ],
  ])('%s ends the start as it does without workers', async (_, toml, message) => {
    const alone = toml().replace('workers = 2', 'workers = 1');
    const [joint, single] = await Promise.all([refusal(toml()), refusal(alone)]);
    expect(joint).toEqual(single);
    expect(joint[0]).toContain(message);
  });

  it('a port that is in use is said once, and ends the start with 1', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    const [stderr, code] = await refusal(TWO.replace('port = 0', `port = ${port}`) + BASIC);
    holder.close();
    expect([stderr, code]).toEqual([`mcp-gateway: [server] cannot listen on port ${port}: it is in use\n`, 1]);
  });

  it('one that ends again and again is started less and less often, and that is said', async () => {
    const gateway = await (await startGateway(TWO + BASIC)).ready();
    const seen = new Set<number>();
    await until(async () => {
      // Whoever is asked may be the one that was just killed.
      const pid = (await workersOf(gateway).catch(() => []))[1]?.pid ?? undefined;
      if (pid !== undefined && !seen.has(pid)) {
        seen.add(pid);
        process.kill(pid, 'SIGKILL');
      }
      return gateway.line('worker 2 ends again and again');
    }, 'the crash loop to be told');
    const delays = gateway.lines.filter(({ slot }) => slot === 2).map(({ delay_ms }) => delay_ms);
    expect(delays).toEqual([100, 200, 400, 800, 1_600]);
    expect((await ask(new URL('/readiness', gateway.url))).status).toBe(200);
    expect(await gateway.stop()).toBe(0);
  });
});

/** What a gateway that does not start says on standard error, and the code that it ends with. */
async function refusal(toml: string): Promise<[stderr: string, code: number | null]> {
  const file = written(toml);
  const child = spawn(process.execPath, [BIN, '--config', file], { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return [stderr.replaceAll(file, 'gateway.toml'), code];
}
