import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Logger } from '@nestjs/common';

import { Recorder } from '../../../test/contracts/upstream/recorder.js';
import { settingsWith } from '../../../test/support/server-settings.js';
import { until } from '../../../test/support/until.js';
import { Events } from '../../core/events.js';
import { requestFrame } from '../../protocol/index.js';
import { systemClock } from '../../system-clock.js';
import type { ServerSettings } from '../server-settings.js';
import { SessionLostError } from '../session-lost.js';
import type { Wire } from '../wire.js';
import { StreamableHttpTransport } from './streamable-http.transport.js';

const REPLY = '{"jsonrpc":"2.0","id":1,"result":{"value":"introduced"}}';

describe('StreamableHttpTransport', () => {
  let server: Server;
  let seen: string[];
  let refusal: number;
  let offersStream: boolean;
  let stream: ServerResponse | undefined;
  let listener: Recorder;
  let wires: Wire[];
  let transport: StreamableHttpTransport;

  beforeEach(async () => {
    Logger.overrideLogger(false);
    [seen, wires, refusal, offersStream] = [[], [], 405, true];
    transport = new StreamableHttpTransport();
    listener = new Recorder();
    server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(async () => {
    for (const wire of wires) await wire.close();
    server.closeAllConnections();
    server.close();
  });

  function answer(request: IncomingMessage, response: ServerResponse): void {
    seen.push(`${request.method} ${request.url}`);
    request.resume();
    if (request.url === '/post') {
      response.writeHead(202).end();
      stream?.write(`data: ${REPLY}\n\n`);
    } else if (request.method === 'POST') {
      response.writeHead(refusal).end();
    } else if (offersStream) {
      stream = response.writeHead(200, { 'content-type': 'text/event-stream' });
      stream.write('event: endpoint\ndata: /post\n\n');
    } else {
      response.writeHead(404).end();
    }
  }

  async function introduce(changed: Partial<ServerSettings> = {}): Promise<Wire> {
    const settings = settingsWith({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
      connectTimeout: 1_000,
      ...changed,
    });
    const wire = await transport.open({ settings, clock: systemClock, events: new Events(), era: 'legacy' }, listener);
    wires.push(wire);
    wire.send(requestFrame(1, 'initialize'), 1);
    return wire;
  }

  it.each([400, 404, 405, 406, 410, 415, 422])('tries the older transport where %i is the answer', async (status) => {
    refusal = status;
    const wire = await introduce();

    expect(await listener.reply(1)).toBe('introduced');
    expect(seen).toEqual(['POST /mcp', 'GET /mcp', 'POST /post']);
    expect([wire.knowsOrigin, wire.hasSession]).toEqual([false, false]);
  });

  it.each([401, 403, 429, 500, 503, 302])('takes %i for what it says', async (status) => {
    refusal = status;
    await introduce();

    expect((await listener.failure(1)).cause).toMatchObject({ status });
    expect(seen).toEqual(['POST /mcp']);
  });

  it('does as it is told', async () => {
    await introduce({ transport: 'streamable_http' });

    expect((await listener.failure(1)).cause).toMatchObject({ status: 405 });
    expect(seen).toEqual(['POST /mcp']);
  });

  it('says what was refused when the server does not speak the older transport either', async () => {
    [refusal, offersStream] = [404, false];
    await introduce();

    expect(await listener.failure(1)).toMatchObject({ code: 'upstream_protocol_error', data: { status: 404 } });
    expect(seen).toEqual(['POST /mcp', 'GET /mcp']);
  });

  it('remembers a server of the older transport until it is none any more', async () => {
    await introduce();
    await listener.reply(1);
    seen.length = 0;
    await introduce();
    await until(() => seen.includes('POST /post'), 'the second introduction');
    expect(seen).toEqual(['GET /mcp', 'POST /post']);

    offersStream = false;
    await expect(introduce()).rejects.toMatchObject({ code: 'upstream_unavailable' });
    seen.length = 0;
    offersStream = true;
    await introduce();
    await until(() => seen.includes('POST /post'), 'the last introduction');
    expect(seen).toEqual(['POST /mcp', 'GET /mcp', 'POST /post']);
  });

  it('is done with a server that stops taking messages the way it did', async () => {
    server.removeAllListeners('request').on('request', (_: IncomingMessage, response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(REPLY);
    });
    const wire = await introduce();
    expect(await listener.reply(1)).toBe('introduced');

    server.removeAllListeners('request').on('request', answer);
    wire.send(requestFrame(2, 'ping'), 2);
    expect(await listener.failure(2)).toBeInstanceOf(SessionLostError);
  });

  it('can be closed while it finds out', async () => {
    server.removeAllListeners('request').on('request', (request: IncomingMessage, response: ServerResponse) => {
      seen.push(request.method ?? '');
      if (request.method === 'POST') response.writeHead(405).end();
    });
    const wire = await introduce();
    await until(() => seen.includes('GET'), 'the second try');
    await wire.close();

    expect(listener.failures.size).toBe(0);
    expect(() => wire.send(requestFrame(2, 'ping'), 2)).toThrow('not open');
  });

  it('shares its connections among all its wires, and gives them up with the last', async () => {
    let sockets = 0;
    let most = 0;
    server.on('connection', (socket) => {
      most = Math.max(most, ++sockets);
      socket.on('close', () => sockets--);
    });
    server.removeAllListeners('request').on('request', (request: IncomingMessage, response: ServerResponse) => {
      request.resume().on('end', () => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(REPLY);
      });
    });
    for (let n = 0; n < 20; n++) await introduce({ maxConnections: 2 });
    await until(() => listener.messages.length === 20, 'all replies');
    expect(most).toBeLessThanOrEqual(2);
    for (const wire of wires) await wire.close();

    await until(() => sockets === 0, 'the connections to close');
  });

  it('opens no more streams to one server than allowed, and the next when one ends', async () => {
    let open = 0;
    server.removeAllListeners('request').on('request', (request: IncomingMessage, response: ServerResponse) => {
      request.resume();
      if (request.method === 'POST') {
        response.writeHead(200, { 'content-type': 'application/json' }).end(REPLY);
        return;
      }
      seen.push('GET');
      open++;
      response.on('close', () => open--);
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    });
    for (let n = 0; n < 3; n++) await (await introduce({ maxStreams: 2 })).introduced();
    await until(() => listener.messages.length === 3 && open === 2, 'two streams');
    expect(seen).toHaveLength(2);
    await wires[0]?.close();

    await until(() => seen.length === 3 && open === 2, 'the third stream');
  });
});
