import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { spawnSync } from 'node:child_process';

import { WebSocket } from 'ws';

import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';
import { Caller } from './support/caller.ts';
import { Tallied, type UpstreamKind } from './support/tallied.ts';
import { brisk } from '../support/brisk.ts';

const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

const residentBytes = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024;

describe.each(['stdio', 'ws', 'http'] as const)('a %s server', (kind) => {
  let server: Tallied;
  let gateway: RunningGateway;

  beforeAll(async () => {
    server = await Tallied.start(kind);
    gateway = await (await startGateway(EPHEMERAL + server.toml('a'))).ready();
  });

  afterAll(async () => {
    await gateway.stop();
    await server.stop();
  });

  it.each([
    ['websocket', 'leaves'],
    ['websocket', 'cancels'],
    ['streamable_http', 'cancels'],
  ] as const)('is told when a client over %s %s in the middle of a call', async (transport, act) => {
    const key = `${transport} ${act}`;
    const caller = await Caller.connect(gateway, transport);
    const call = caller.work(key, { ms: 60_000 });
    call.promise.catch(() => undefined);
    const { id } = await until(() => server.read().find(({ executed }) => executed === key), 'the call to run');
    const since = performance.now();
    if (act === 'leaves') call.leave();
    else caller.notify('notifications/cancelled', { requestId: call.id });
    await until(() => server.read().some(({ cancelled }) => cancelled === id), 'the server to be told', 2_000);

    expect(performance.now() - since).toBeLessThan(brisk(1_000));
    const { groups } = await gateway.json<{ groups: { servers: { pending: number }[] }[] }>('/api/v1/upstreams');
    expect(groups[0]!.servers[0]!.pending).toBe(0);
    caller.close();
  });
});

describe('a client that does not read', () => {
  const MEGABYTE = 1_024 * 1_024;
  const FLOOD = { name: 'work', arguments: { key: 'flood', act: 'flood', bytes: 64 * MEGABYTE } };
  const CALL = JSON.stringify({
    jsonrpc: '2.0',
    id: 9,
    method: 'tools/call',
    params: { ...FLOOD, _meta: { progressToken: 1 } },
  });
  let server: Tallied;
  let gateway: RunningGateway;

  async function start(kind: UpstreamKind): Promise<void> {
    server = await Tallied.start(kind);
    gateway = await (await startGateway(EPHEMERAL + server.toml('a'))).ready();
  }

  /** Resolves when the flooded client is gone; tells by how much the gateway has grown at most. */
  async function growth(): Promise<number> {
    const before = residentBytes(gateway.pid);
    let most = before;
    await until(async () => {
      most = Math.max(most, residentBytes(gateway.pid));
      const { groups } = await gateway.json<{ groups: { servers: { pending: number; requests: number }[] }[] }>(
        '/api/v1/upstreams',
      );
      const [{ pending, requests }] = groups[0]!.servers as [{ pending: number; requests: number }];
      return requests > 1 && pending === 0;
    }, 'the flood to end');
    return most - before;
  }

  /** A client over WebSocket that has introduced itself and called for a flood, of which it reads nothing. */
  async function deaf(): Promise<WebSocket> {
    const client = new WebSocket(gateway.wsUrl, 'mcp');
    client.on('error', () => undefined);
    await once(client, 'open');
    client.send(
      '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}',
    );
    await once(client, 'message');
    client.pause();
    client.send(CALL);
    return client;
  }

  it('holds up the flood of an http server, which is read for it alone, until it reads again', async () => {
    await start('http');
    const other = await Caller.connect(gateway, 'websocket');
    expect((await other.work('before').promise).error).toBeUndefined();
    const before = residentBytes(gateway.pid);
    const client = await deaf();
    for (let call = 0; call < 300; call++) await other.work(`meanwhile ${call}`).promise;
    expect(residentBytes(gateway.pid) - before).toBeLessThan(48 * MEGABYTE);

    let bytes = 0;
    const replied = new Promise<void>((done) => {
      client.on('message', (data: Buffer) => {
        bytes += data.length;
        if (data.includes('"id":9')) done();
      });
    });
    client.resume();
    await replied;
    expect(bytes).toBeGreaterThan(60 * MEGABYTE);
    client.terminate();
    other.close();
    await gateway.stop();
    await server.stop();
  });

  it.each(['stdio', 'ws'] as const)(
    'a flood from a %s server over WebSocket is cut off, and costs bounded memory',
    async (kind) => {
      await start(kind);
      const other = await Caller.connect(gateway, 'websocket');
      expect((await other.work('before').promise).error).toBeUndefined();
      const client = await deaf();

      expect(await growth()).toBeLessThan(192 * MEGABYTE);
      expect((await other.work('after').promise).error).toBeUndefined();
      client.terminate();
      other.close();
      await gateway.stop();
      await server.stop();
    },
  );

  it('a flood over SSE is cut off, and costs bounded memory', async () => {
    await start('ws');
    const other = await Caller.connect(gateway, 'websocket');
    expect((await other.work('before').promise).error).toBeUndefined();
    const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } };
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: hello });
    const opened = await fetch(gateway.url, { method: 'POST', headers, body });
    await opened.text();
    const socket = connectTcp(Number(new URL(gateway.url).port), '127.0.0.1').on('error', () => undefined);
    socket.pause();
    socket.write(
      [
        'POST /mcp HTTP/1.1',
        'Host: 127.0.0.1',
        'Content-Type: application/json',
        'Accept: application/json, text/event-stream',
        `Mcp-Session-Id: ${opened.headers.get('mcp-session-id')}`,
        `Content-Length: ${CALL.length}`,
        '',
        CALL,
      ].join('\r\n'),
    );

    expect(await growth()).toBeLessThan(192 * MEGABYTE);
    expect((await other.work('after').promise).error).toBeUndefined();
    socket.destroy();
    other.close();
    await gateway.stop();
    await server.stop();
  });
});

describe('a gateway that runs out of file descriptors', () => {
  it('goes on with what it has, and takes new clients when there is room again', async () => {
    const server = await Tallied.start('ws');
    const gateway = await (await startGateway(EPHEMERAL + server.toml('a'))).ready();
    const limited = spawnSync('prlimit', ['--pid', String(gateway.pid), '--nofile=256:256']);
    expect(limited.status).toBe(0);
    const caller = await Caller.connect(gateway, 'websocket');
    const port = Number(new URL(gateway.url).port);
    const crowd: Socket[] = Array.from({ length: 400 }, () =>
      connectTcp(port, '127.0.0.1').on('error', () => undefined),
    );
    await until(() => crowd.every((socket) => !socket.connecting), 'the crowd to be there');

    expect((await caller.work('within').promise).error).toBeUndefined();
    for (const socket of crowd) socket.destroy();
    await until(() => openFiles(gateway.pid) < 128, 'the gateway to have let go of the crowd');
    const late = await Caller.connect(gateway, 'streamable_http');
    expect((await late.work('after').promise).error).toBeUndefined();
    expect((await caller.work('still').promise).error).toBeUndefined();
    caller.close();
    expect(await gateway.stop()).toBe(0);
    await server.stop();
  });
});
