import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { WebSocket } from 'ws';

import { connect, textOf } from '../support/clients.ts';
import { allReady, type Answered, ask, isAlive, metricOf, totalOf, workersOf } from '../support/crew.ts';
import { startGateway, type RunningGateway } from '../support/gateway.ts';
import { UnixClientTransport } from '../support/unix-transport.ts';
import { until } from '../support/until.ts';

const JSON_TYPES = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const WORKERS = 3;

interface Connections {
  readonly connections: readonly { readonly id: string; readonly worker: number; readonly transport: string }[];
}

describe('three workers', () => {
  let directory: string;
  let gateway: RunningGateway;
  let lastId = 0;
  /** What the configuration says beyond what never changes. */
  const configuration = (more = '') => `
[server]
port = 0
workers = ${WORKERS}
unix_socket = "${join(directory, 'mcp.sock')}"
unix_socket_mode = "0660"
[metrics]
port = 0
[audit]
enabled = true
file = "${join(directory, 'audit.jsonl')}"
data = "all"
[security.rate_limiting]
enabled = true
requests_per_minute = 10000000
burst_size = 100000
[[security.rate_limiting.tools]]
tools = ["add"]
requests_per_minute = 60
burst_size = 20
per = "global"
[[upstream.groups.default.servers]]
command = "node"
args = ["examples/basic/src/server.ts"]
${more}`;
  const admin = <Body>(path: string, method = 'GET') => ask<Body>(new URL(`/api/v1/${path}`, gateway.url), { method });
  const post = (message: object, headers: Record<string, string> = {}) =>
    ask<{ result?: Record<string, unknown>; error?: { data: { reason: string } } }>(gateway.url, {
      method: 'POST',
      headers: { ...JSON_TYPES, ...headers },
      body: message,
    });
  const openSession = async () => {
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } };
    const { headers } = await post({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
    return { 'mcp-session-id': String(headers['mcp-session-id']), 'mcp-protocol-version': '2025-11-25' };
  };
  const callOf = (name: string, args: object) => ({
    jsonrpc: '2.0',
    id: ++lastId,
    method: 'tools/call',
    params: { name, arguments: args },
  });
  const eachOf = <T>(count: number, what: (n: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_, n) => what(n)));

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'mcp-workers-'));
    gateway = await (await startGateway(configuration())).ready();
  });

  afterAll(async () => {
    await gateway?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('are said to be ready once, by one of them, and each line says whose it is', async () => {
    expect(gateway.lines.filter(({ msg }) => msg === 'listening')).toHaveLength(1);
    expect((await ask(new URL('/readiness', gateway.url))).status).toBe(200);
    const workers = await workersOf(gateway);
    expect(workers).toEqual(
      [1, 2, 3].map((worker) => expect.objectContaining({ worker, state: 'ready', restarts: 0 })),
    );
    expect(new Set([...workers.map(({ pid }) => pid), gateway.pid]).size).toBe(WORKERS + 1);
    const speakers = new Map(gateway.lines.map(({ worker, pid }) => [worker, pid]));
    for (const { worker, pid } of workers) expect(speakers.get(worker)).toBe(pid);
  });

  it('serve every session, whoever of them opened it, until it is ended anywhere', async () => {
    const session = await openSession();
    const called = await eachOf(WORKERS * 2, (n) => post(callOf('echo', { text: `across ${n}` }), session));
    expect(called.map(({ status, text }, n) => [status, text.includes(`across ${n}`)])).toEqual(
      called.map(() => [200, true]),
    );

    await ask(gateway.url, { method: 'DELETE', headers: session });
    await until(async () => {
      const answers = await eachOf(WORKERS * 2, () => post(callOf('echo', { text: 'late' }), session));
      return answers.every(({ status }) => status === 404);
    }, 'all workers to know that it is over');
  });

  it('show all connections to whoever asks any of them, and close one wherever it is', async () => {
    const sockets = await eachOf(WORKERS * 2, async () => {
      const socket = new WebSocket(gateway.wsUrl, 'mcp');
      await once(socket, 'open');
      return socket;
    });
    const mine = ({ body }: Answered<Connections>) =>
      body.connections.filter(({ transport }) => transport === 'websocket');
    const lists = (await eachOf(WORKERS, () => admin<Connections>('connections'))).map(mine);
    for (const list of lists) {
      expect(list).toHaveLength(sockets.length);
      expect(new Set(list.map(({ worker }) => worker)).size).toBe(WORKERS);
    }
    const closing = Promise.race(sockets.map((socket) => once(socket, 'close')));
    expect((await admin(`connections/${lists[0]![0]!.id}`, 'DELETE')).status).toBe(204);
    await closing;
    await until(
      async () => mine(await admin<Connections>('connections')).length === sockets.length - 1,
      'it to be gone',
    );
    expect((await admin(`connections/${lists[0]![0]!.id}`, 'DELETE')).status).toBe(404);
    for (const socket of sockets) socket.terminate();
  });

  it('have one view of servers and requests, and one of all metrics', async () => {
    const session = await openSession();
    const requests = 'mcp_gateway_requests_total';
    const before = await totalOf(gateway, requests);
    const called = await eachOf(12, (n) => post(callOf('echo', { text: `${n}` }), session));
    expect(called.map(({ status }) => status)).toEqual(called.map(() => 200));

    expect((await totalOf(gateway, requests)) - before).toBe(12);
    expect(await totalOf(gateway, 'mcp_gateway_request_duration_seconds_count')).toBe(before + 12);
    const { body: status } = await admin<Record<string, number>>('status');
    expect(status['requests_total']).toBe(before + 12);
    expect(status).toMatchObject({ servers: 1, servers_up: 1, generation: 1 });

    const { body } = await admin<{ groups: { servers: { requests: number; workers: object[] }[] }[] }>('upstreams');
    const [server] = body.groups[0]!.servers;
    expect(server).toMatchObject({ state: 'up', workers: [1, 2, 3].map((worker) => ({ worker, state: 'up' })) });
    expect(server!.requests).toBeGreaterThanOrEqual(12);
    const memory = await metricOf(gateway, 'process_resident_memory_bytes');
    expect([...memory.keys()]).toEqual(['1', '2', '3', 'primary'].map((worker) => `{worker="${worker}"}`));
    expect(await totalOf(gateway, 'mcp_gateway_config_generation')).toBe(1);
    expect(await totalOf(gateway, 'mcp_gateway_workers_ready')).toBe(WORKERS);
  });

  it('keep to one rate together', async () => {
    const session = await openSession();
    const started = performance.now();
    const answers = await eachOf(60, (n) => post(callOf('add', { a: n, b: 1 }), session));
    const passed = answers.filter(({ status }) => status === 200).length;
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(60 - passed);
    // All of the burst, and what has come in meanwhile.
    expect(passed).toBeGreaterThanOrEqual(20);
    expect(passed).toBeLessThanOrEqual(21 + (performance.now() - started) / 1_000);
  });

  it('listen on one unix socket together, with the mode that is configured', async () => {
    const path = join(directory, 'mcp.sock');
    expect(statSync(path).mode & 0o777).toBe(0o660);
    const clients = await eachOf(WORKERS, async (n) => {
      const client = new Client({ name: `local ${n}`, version: '1' });
      await client.connect(new UnixClientTransport(path));
      return client;
    });
    const { body } = await admin<Connections>('connections');
    const local = body.connections.filter(({ transport }) => transport === 'unix');
    expect(new Set(local.map(({ worker }) => worker)).size).toBe(WORKERS);
    await Promise.all(clients.map((client) => client.close()));
  });

  it('apply a configuration in all or in none', async () => {
    const generations = async () =>
      new Set((await eachOf(WORKERS * 2, () => admin<{ generation: number }>('status'))).map((s) => s.body.generation));

    gateway.rewrite(configuration('[logging]\nlevel = "debug"'));
    const { body: applied } = await admin('config/reload', 'POST');
    expect(applied).toMatchObject({ outcome: 'applied', generation: 2, changed: ['logging'] });
    const levels = await eachOf(WORKERS * 2, () => admin<{ logging: { level: string } }>('config'));
    expect(new Set(levels.map(({ body }) => body.logging.level))).toEqual(new Set(['debug']));

    gateway.rewrite(configuration('[logging]\nlevel = "loud"'));
    const rejected = await admin<{ problems: { key: string }[] }>('config/reload', 'POST');
    expect([rejected.status, rejected.body.problems.map(({ key }) => key)]).toEqual([422, ['logging.level']]);
    expect(await totalOf(gateway, 'mcp_gateway_config_last_reload_success')).toBe(0);

    gateway.rewrite(configuration('[logging]\nlevel = "warn"'));
    process.kill(gateway.pid, 'SIGHUP');
    await until(async () => (await generations()).has(3), 'the third generation');
    expect(await generations()).toEqual(new Set([3]));
    expect(await totalOf(gateway, 'mcp_gateway_config_last_reload_success')).toBe(1);
  });

  it('lose nothing but the connections of one that is killed, and start another with the configuration in force', async () => {
    // Whoever comes now must not begin with this.
    gateway.rewrite(configuration('[logging]\nlevel = "loud"'));
    const workers = await allReady(gateway);
    const victim = workers[1]!;
    const before = await totalOf(gateway, 'mcp_gateway_requests_total');
    const clients = await eachOf(WORKERS * 2, () => connect(gateway, 'websocket'));
    const { body: open } = await admin<Connections>('connections');
    const mine = open.connections.filter(({ transport, worker }) => transport === 'websocket' && worker === 2);
    expect(mine.length).toBeGreaterThan(0);
    const lost = new Set<Client>();
    let answered = 0;
    const load = { isOver: false };
    const busy = clients.map(async (client, who) => {
      client.onclose = () => lost.add(client);
      for (let round = 0; !load.isOver && !lost.has(client); round++) {
        const text = `${who}/${round}`;
        const result = await client.callTool({ name: 'echo', arguments: { text } }).catch((error: unknown) => {
          // Its connection was closed: there is no other way to lose an answer.
          expect(String(error)).toContain('Connection closed');
          return undefined;
        });
        if (!result) return;
        expect(textOf(result)).toContain(text);
        answered++;
      }
    });
    await until(() => answered > 300, 'load to build up');
    const seen = await totalOf(gateway, 'mcp_gateway_requests_total');
    process.kill(victim.pid!, 'SIGKILL');
    await until(() => lost.size > 0, 'its clients to notice');
    const answeredThen = answered;
    await until(() => answered > answeredThen + 200, 'the others to go on');
    expect(await totalOf(gateway, 'mcp_gateway_requests_total')).toBeGreaterThanOrEqual(seen);
    load.isOver = true;
    await Promise.all(busy);

    expect(lost.size).toBe(mine.length);
    const after = await allReady(gateway);
    expect(after[1]).toMatchObject({ worker: 2, restarts: 1 });
    expect(after[1]!.pid).not.toBe(victim.pid);
    expect([after[0]!.pid, after[2]!.pid]).toEqual([workers[0]!.pid, workers[2]!.pid]);
    const { body } = await admin<{ generation: number; requests_total: number }>('status');
    expect(body.generation).toBe(3);
    expect(body.requests_total).toBeGreaterThanOrEqual(seen);
    expect(seen).toBeGreaterThan(before);
    const levels = await eachOf(WORKERS * 2, () => admin<{ logging: { level: string } }>('config'));
    expect(new Set(levels.map(({ body: config }) => config.logging.level))).toEqual(new Set(['warn']));
    await Promise.all(clients.map((client) => client.close()));
  });

  it('keep an audit chain each, which are verified together', async () => {
    const pids = (await workersOf(gateway)).map(({ pid }) => pid!);
    expect(await gateway.stop()).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
    const { execFileSync } = await import('node:child_process');
    const files = [1, 2, 3].map((slot) => join(directory, `audit.worker-${slot}.jsonl`));
    const said = execFileSync(process.execPath, ['bin/mcp-gateway', 'audit', 'verify', ...files], { encoding: 'utf8' });
    expect(said.trim().split('\n')).toEqual([1, 2, 3].map(() => expect.stringMatching(/^ok: \d+ lines, 1 to /)));
  });
});
