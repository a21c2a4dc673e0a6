import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { call, initialize, request, type Json } from '../support/raw-clients.ts';
import { LineClient } from '../support/line-client.ts';
import { SseClient } from '../support/sse-client.ts';
import { until } from '../support/until.ts';
import { EXAMPLE, Target } from './support/target.ts';
import { brisk } from '../support/brisk.ts';

const MEBI = 1_048_576;
const MAX_CONNECTIONS = 100;

const LINES: [what: string, line: string][] = [
  ['notifications', '{"jsonrpc":"2.0","method":"notifications/initialized"}'],
  ['replies to nothing', '{"jsonrpc":"2.0","id":1,"result":{}}'],
  ['pings', '{"jsonrpc":"2.0","id":1,"method":"ping"}'],
  ['calls of no tool', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"no-such-tool"}}'],
  ['junk', '!'],
  ['empty lines', ''],
];

/** Connections that are sessions of their own, besides WebSocket, in bad hands. */
describe('under attack', () => {
  let directory: string;
  let path: string;
  let target: Target;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'mcp-unix-'));
    path = join(directory, 'mcp.sock');
    const limits = `max_connections = ${MAX_CONNECTIONS}\nheaders_timeout = "2s"\nqueue_hard_bytes = ${4 * MEBI}`;
    target = await Target.start(EXAMPLE, `${limits}\nunix_socket = "${path}"`);
  });
  afterEach(() => target.unharmed());
  afterAll(async () => {
    await target?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const lasting = async (): Promise<number> =>
    (await target.gateway.json<{ connections: unknown[] }>('/api/v1/connections')).connections.length;
  /** All but the good client have gone. */
  const alone = () => until(async () => (await lasting()) === 1, 'everybody else to be gone');
  const open = async (): Promise<Socket> => {
    const socket = connect(path);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  /** Whether a tool can be called by somebody new, on either transport. */
  const serves = async (): Promise<void> => {
    const line = await LineClient.introduced(path);
    const sse = await SseClient.introduced(target);
    for (const client of [line, sse]) expect(await client.ask(request('tools/list', 1))).toHaveProperty('result');
    line.socket.destroy();
    sse.close();
  };

  describe('the unix socket', () => {
    it.each(LINES)('takes a flood of %s and leaves everybody else in peace', async (_, line) => {
      const socket = await open();
      socket.resume();
      socket.write(`${JSON.stringify(initialize())}\n`);
      const batch = `${line}\n`.repeat(2_000);
      for (let round = 0; round < 20; round++) {
        if (!socket.write(batch)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
        expect(await target.pinged()).toBeLessThan(brisk(1_000));
      }
      socket.destroy();
      await alone();
      expect(target.memory).toBeLessThan(600);
    });

    it('keeps little for whoever floods it and reads nothing', async () => {
      const before = target.memory;
      const sockets = await Promise.all(Array.from({ length: 10 }, open));
      const batch = `${JSON.stringify(request('ping', 'x'.repeat(200)))}\n`.repeat(2_000);
      for (const socket of sockets) {
        socket.pause();
        socket.write(`${JSON.stringify(initialize())}\n`);
        for (let round = 0; round < 10; round++) socket.write(batch);
      }
      for (let round = 0; round < 10; round++) await target.pinged();
      expect(target.memory - before).toBeLessThan(200);
      for (const socket of sockets) socket.destroy();
      await alone();
    });

    it('ends a line that does not end, without keeping it', async () => {
      const before = target.memory;
      const sockets = await Promise.all(Array.from({ length: 10 }, open));
      await Promise.all(
        sockets.map(async (socket) => {
          socket.resume();
          const closed = once(socket, 'close');
          socket.write('x'.repeat(16 * MEBI));
          await closed;
        }),
      );
      await alone();
      expect(target.memory - before).toBeLessThan(200);
    });

    it('survives a thousand that come and go, with and without a word', async () => {
      for (let round = 0; round < 20; round++) {
        const sockets = await Promise.all(Array.from({ length: 50 }, open));
        for (const [index, socket] of sockets.entries()) {
          if (index % 3 === 0) socket.end(`${JSON.stringify(initialize())}\n`);
          else if (index % 3 === 1) socket.end('{"jsonrpc":"2.0","id":1,"meth');
          socket.destroy();
        }
      }
      await alone();
      await serves();
    });

    it('lets no half-closed connection stay', async () => {
      const client = await LineClient.connect(path, { allowHalfOpen: true });
      client.send(initialize());
      client.send(call('echo', 1));
      client.socket.end();
      expect(await client.next()).toMatchObject({ id: 0 });
      await client.closed;
      await alone();
    });

    it('has no more room than it says, and has it again when the silent are gone', async () => {
      const sockets = await Promise.all(Array.from({ length: MAX_CONNECTIONS + 20 }, open));
      await until(async () => (await lasting()) === MAX_CONNECTIONS, 'it to be full');
      expect((await target.refused('/mcp')).status).toBe(503);
      expect((await target.http('GET', { path: '/sse' })).status).toBe(503);
      await alone();
      for (const socket of sockets) socket.destroy();
      await serves();
    });
  });

  describe('HTTP+SSE', () => {
    it('survives a thousand streams that come and go', async () => {
      for (let round = 0; round < 20; round++) {
        const streams = await Promise.all(Array.from({ length: 50 }, () => SseClient.open(target)));
        await Promise.all(streams.filter((_, index) => index % 5 === 0).map((stream) => stream.post(initialize())));
        for (const stream of streams) stream.close();
      }
      await alone();
      await serves();
    });

    it('keeps little for whoever posts and does not read the stream', async () => {
      const before = target.memory;
      const stream = await SseClient.introduced(target);
      stream.response.pause();
      const ping = request('ping', 'x'.repeat(200));
      await Promise.all(
        Array.from({ length: 20 }, async () => {
          for (let round = 0; round < 50; round++) await stream.post(ping);
        }),
      );
      expect(target.memory - before).toBeLessThan(200);
      stream.close();
      await alone();
    });

    it('gives a session to nobody who guesses', async () => {
      const stream = await SseClient.introduced(target);
      const token = new URL(stream.endpoint, 'http://x').searchParams.get('sessionId')!;
      const guesses = [
        token.slice(0, -1),
        `${token}x`,
        token.toLowerCase(),
        '',
        '__proto__',
        '%00',
        token.replace(/./, '~'),
      ];
      for (const guess of guesses) {
        const { status, text } = await target.post(request('ping', 1), {}, `/messages?sessionId=${guess}`);
        expect([status, text]).toEqual([404, '']);
      }
      const { connections } = await target.gateway.json<{ connections: Json[] }>('/api/v1/connections');
      expect(JSON.stringify(connections)).not.toContain(token);
      expect(JSON.stringify(target.gateway.lines)).not.toContain(token);
      stream.close();
      await alone();
    });
  });
});
