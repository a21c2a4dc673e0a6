import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Clock } from '../../core/clock.js';
import { JsonBytes } from '../../core/json.js';
import { Params, result, type InterimMessage, type McpReply } from '../../core/message.js';
import { CONNECTION_REGISTRY, type ConnectionRegistry } from '../../core/views.js';
import { readParams } from '../../protocol/index.js';
import { systemClock } from '../../system-clock.js';
import { UnixListener } from '../index.js';
import { call, cancelled, DownstreamApp, initialize, request, type Json } from '../../../test/support/downstream.js';
import { LineClient } from '../../../test/support/line-client.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { until } from '../../../test/support/until.js';

const NO_ID = expect.not.objectContaining({ id: expect.anything() as unknown }) as unknown;

function progress(progressToken: string, message: string): InterimMessage {
  const read: unknown = readParams(Buffer.from(JSON.stringify({ progressToken, progress: 1, message })));
  return { kind: 'notification', method: 'notifications/progress', params: read instanceof Params ? read : undefined };
}

describe('MCP over a unix socket', () => {
  let directory: string;
  let path: string;
  let gateway: DownstreamApp;

  const start = async (changed: Json = {}, clock: Clock = systemClock): Promise<DownstreamApp> => {
    const ServerSection = { maxInFlight: 4, maxBodyBytes: 65_536, unixSocket: path, ...changed };
    const app = await DownstreamApp.start({ ServerSection }, clock);
    await app.app.get(UnixListener).start();
    return app;
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'mcp-unix-'));
    path = join(directory, 'mcp.sock');
  });
  afterEach(async () => {
    await gateway.stop();
    rmSync(directory, { recursive: true });
  });

  describe('a connection', () => {
    beforeEach(async () => {
      gateway = await start();
    });

    it('is a session on all groups, a message a line', async () => {
      const client = await LineClient.connect(path);
      expect(await client.ask(initialize())).toMatchObject({ id: 0, result: { protocolVersion: '2025-11-25' } });
      expect(await client.ask(call('echo', '"1"'))).toEqual({ jsonrpc: '2.0', id: '"1"', result: { ok: true } });
      const { exchange } = gateway.routes.seen[0]!;
      expect(exchange).toMatchObject({ route: 'mcp', clientAddress: 'unix', principal: { method: 'anonymous' } });
      const [view] = gateway.app.get<ConnectionRegistry>(CONNECTION_REGISTRY).list();
      expect(view).toMatchObject({ transport: 'unix', clientAddress: 'unix', route: 'mcp', requests: 2 });
    });

    it('comes in any pieces, with either line end, and empty lines mean nothing', async () => {
      const client = await LineClient.introduced(path);
      const text = `\n\r\n${JSON.stringify(request('ping', 'é'))}\r\n${JSON.stringify(request('ping', 2))}\n`;
      for (const byte of Buffer.from(text)) client.socket.write(Buffer.of(byte));
      expect(await client.next()).toMatchObject({ id: 'é' });
      expect(await client.next()).toMatchObject({ id: 2 });
    });

    it('is told each message on one line, whatever the server has put into it', async () => {
      gateway.routes.handler = () =>
        Promise.resolve({ kind: 'result', json: new JsonBytes(Buffer.from('{\n"a":\r\n[1,\n2]}')) } as McpReply);
      const client = await LineClient.introduced(path);
      expect(await client.ask(call('x', 1))).toMatchObject({ id: 1, result: { a: [1, 2] } });
      expect(await client.ask(request('ping', 2))).toMatchObject({ id: 2 });
    });

    it('survives what is no message, which is answered without an id', async () => {
      const client = await LineClient.introduced(path);
      for (const [line, code] of [
        ['GET / HTTP/1.1', -32700],
        ['{oops', -32700],
        ['null', -32600],
        ['[]', -32600],
      ] as const) {
        const answer = await client.ask(line);
        expect(answer).toMatchObject({ error: { code } });
        expect(answer).toEqual(NO_ID);
      }
      expect(await client.ask(request('ping', 1))).toHaveProperty('result');
    });

    it('ends after a line that is too long, which it is told', async () => {
      const client = await LineClient.introduced(path);
      client.socket.write('x'.repeat(200_000));
      const answer = await client.next();
      expect(answer).toMatchObject({ error: { data: { reason: 'protocol_too_large' } } });
      expect(answer).toEqual(NO_ID);
      await client.closed;
      expect(gateway.dropped).toEqual(['protocol_too_large']);
      expect(gateway.connections).toEqual([]);
    });

    it('cancels what is in flight when it is gone, and what it is told to cancel', async () => {
      gateway.routes.handler = () => new Promise(() => undefined);
      const client = await LineClient.introduced(path);
      client.send(call('slow', 1));
      client.send(call('slow', 2));
      await until(() => gateway.downstream.inFlight === 2, 'both calls to arrive');
      client.send(cancelled(1));
      await until(() => gateway.downstream.inFlight === 1, 'the first call to be cancelled');
      client.socket.destroy();
      await until(() => gateway.connections.length === 0, 'the session to end');
      expect(gateway.outcome('tools/call')).toEqual(['499 exchange_cancelled', '499 exchange_cancelled']);
    });

    it('is over when the client closes its side, and what was answered by then is still told', async () => {
      gateway.routes.handler = () => new Promise(() => undefined);
      const client = await LineClient.connect(path, { allowHalfOpen: true });
      client.send(initialize());
      client.send(call('slow', 1));
      client.socket.end();
      expect(await client.next()).toMatchObject({ id: 0 });
      await client.closed;
      expect(gateway.outcome('tools/call')).toEqual(['499 exchange_cancelled']);
    });

    it('can be closed by an operator', async () => {
      const client = await LineClient.introduced(path);
      gateway.app.get<ConnectionRegistry>(CONNECTION_REGISTRY).close(gateway.connections[0]!);
      await client.closed;
    });
  });

  describe('limits', () => {
    it('keep more than so many from asking at once', async () => {
      gateway = await start();
      gateway.routes.handler = () => new Promise(() => undefined);
      const client = await LineClient.introduced(path);
      for (let id = 1; id <= 5; id++) client.send(call('slow', id));
      expect(await client.next()).toMatchObject({ id: 5, error: { data: { reason: 'limit_in_flight' } } });
    });

    it('keep more than so many from connecting, whatever the transport, and tell them', async () => {
      gateway = await start({ maxConnections: 2 });
      await gateway.introduced();
      const client = await LineClient.introduced(path);
      const refused = await LineClient.connect(path);
      expect(await refused.next()).toMatchObject({ error: { data: { reason: 'limit_connections' } } });
      await refused.closed;
      expect((await gateway.refused('/mcp')).status).toBe(503);
      client.socket.destroy();
      await until(() => gateway.connections.length === 1, 'the place to be free');
      await LineClient.introduced(path);
    });

    it('let nobody stay who says nothing', async () => {
      gateway = await start({ headersTimeout: 50 });
      const speaker = await LineClient.introduced(path);
      const silent = await LineClient.connect(path);
      await silent.closed;
      expect(await speaker.ask(request('ping', 1))).toHaveProperty('result');
    });

    it('let whoever reads slowly wait, until it has read', async () => {
      gateway = await start({ queueSoftBytes: 65_536 });
      const big = result({ text: 'x'.repeat(1_000_000) });
      gateway.routes.handler = () => Promise.resolve(big);
      const client = await LineClient.introduced(path);
      client.socket.pause();
      for (let id = 1; id <= 40; id++) client.send(call('big', id));
      await until(() => gateway.routes.seen.length > 0, 'the first call to arrive');
      const { flow } = gateway.routes.seen[0]!.exchange;
      await until(() => flow.congested, 'the flow to be held up');
      expect(gateway.routes.seen.length).toBeLessThan(40);

      client.socket.resume();
      for (let id = 1; id <= 40; id++) {
        const { error } = await client.next();
        // Those that were read together are more than may be in flight.
        if (error) expect(error).toMatchObject({ data: { reason: 'limit_in_flight' } });
      }
      expect(flow.congested).toBe(false);
      expect(await client.ask(request('ping', 99))).toMatchObject({ id: 99 });
    });

    it('drop whoever takes nothing for a while, and nobody for having nothing to say', async () => {
      const clock = new ManualClock();
      gateway = await start({}, clock);
      gateway.routes.handler = () => Promise.resolve(result({ text: 'x'.repeat(8_000_000) }));
      const idle = await LineClient.introduced(path);
      const client = await LineClient.introduced(path);
      client.socket.pause();
      client.send(call('big', 1));
      await until(() => gateway.outcome('tools/call').length === 1, 'the call to be answered');
      for (let beat = 0; beat < 5 && gateway.connections.length > 1; beat++) clock.advance(30_000);
      expect(gateway.connections).toHaveLength(1);
      expect(await idle.ask(request('ping', 1))).toMatchObject({ id: 1 });
    });

    it('drop whoever is told more than it reads', async () => {
      gateway = await start({ queueSoftBytes: 65_536, queueHardBytes: 1_048_576 });
      const told = progress('p', 'x'.repeat(300_000));
      gateway.routes.handler = (_request, exchange) => {
        for (let count = 0; count < 20; count++) exchange.deliver(told);
        return new Promise(() => undefined);
      };
      const client = await LineClient.introduced(path);
      client.socket.pause();
      client.send(call('big', 1, { _meta: { progressToken: 'p' } }));
      await until(() => gateway.connections.length === 0, 'the session to end');
      expect(gateway.dropped).toEqual(['queue_full']);
      expect(gateway.outcome('tools/call')).toEqual(['499 exchange_cancelled']);
    });
  });

  describe('the file', () => {
    let other: Server | undefined;

    afterEach(() => other?.close());

    it('may be opened by whom the configuration says, from the beginning', async () => {
      gateway = await start({ unixSocketMode: '0660' });
      expect(statSync(path).mode & 0o777).toBe(0o660);
      await gateway.stop();
      gateway = await start();
      expect(statSync(path).mode & 0o777).toBe(0o600);
    });

    it('is removed at the end', async () => {
      gateway = await start();
      expect(existsSync(path)).toBe(true);
      await gateway.stop();
      expect(existsSync(path)).toBe(false);
    });

    it('that a crash has left is replaced', async () => {
      await leaveStale(path);
      gateway = await start();
      await LineClient.introduced(path);
    });

    it('is left alone when somebody listens there, or it is no socket', async () => {
      gateway = await DownstreamApp.start({ ServerSection: { unixSocket: path } });
      other = createServer().listen(path);
      await once(other, 'listening');
      await expect(gateway.app.get(UnixListener).start()).rejects.toThrow('somebody listens there');
      expect(existsSync(path)).toBe(true);
      await new Promise((resolve) => other!.close(resolve));

      writeFileSync(path, 'precious');
      await expect(gateway.app.get(UnixListener).start()).rejects.toThrow('there is something else under that name');
      expect(statSync(path).size).toBe(8);
    });

    it('cannot be where there is no directory, or under a name that is too long', async () => {
      gateway = await DownstreamApp.start({ ServerSection: { unixSocket: join(directory, 'none', 'x') } });
      await expect(gateway.app.get(UnixListener).start()).rejects.toThrow('there is no such directory, or');
      await gateway.stop();
      gateway = await DownstreamApp.start({ ServerSection: { unixSocket: `/tmp/${'x'.repeat(120)}` } });
      await expect(gateway.app.get(UnixListener).start()).rejects.toThrow('longer than 103 bytes');
    });

    it('is not made where none is wanted', async () => {
      gateway = await DownstreamApp.start();
      await gateway.app.get(UnixListener).start();
      expect(gateway.app.get(UnixListener).url).toBeUndefined();
    });
  });

  describe('the drain', () => {
    it('answers what is in flight before the connection ends, and lets nobody else in', async () => {
      gateway = await start();
      const { promise, resolve } = Promise.withResolvers<McpReply>();
      gateway.routes.handler = () => promise;
      const idle = await LineClient.introduced(path);
      const client = await LineClient.introduced(path);
      client.send(call('slow', 1));
      await until(() => gateway.downstream.inFlight === 1, 'the call to arrive');

      const drained = gateway.downstream.drain(10_000);
      await idle.closed;
      await expect(LineClient.connect(path)).rejects.toThrow(/ENOENT|ECONNREFUSED/);
      expect(await client.ask(call('x', 2))).toMatchObject({ id: 2, error: { data: { reason: 'gateway_draining' } } });
      resolve(result({ done: true }));
      expect(await client.next()).toMatchObject({ id: 1, result: { done: true } });
      await client.closed;
      expect(await drained).toBe(true);
    });
  });
});

/** A socket whose process has ended without removing it. */
async function leaveStale(path: string): Promise<void> {
  const { spawn } = await import('node:child_process');
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', script]), 'exit');
}
