import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Recorder } from '../../../../test/contracts/upstream/recorder.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { settingsWith } from '../../../../test/support/server-settings.js';
import { until } from '../../../../test/support/until.js';
import { UnsentError } from '../../../core/errors.js';
import { Events } from '../../../core/events.js';
import { notificationFrame, requestFrame } from '../../../protocol/index.js';
import { systemClock } from '../../../system-clock.js';
import type { ServerSettings } from '../../server-settings.js';
import { SessionLostError } from '../../session-lost.js';
import type { WireContext } from '../../wire.js';
import { ConnectionTable } from './connection-table.js';
import { StreamableHttpWire } from './streamable-http.wire.js';

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const reply = (id: number, value: unknown = 'ok'): string => JSON.stringify({ jsonrpc: '2.0', id, result: { value } });
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const SSE_TYPE = { 'content-type': 'text/event-stream' };

describe('StreamableHttpWire', () => {
  let server: Server;
  let handle: Handler;
  let seen: IncomingMessage[];
  let listener: Recorder;
  let settings: ServerSettings;
  let wire: StreamableHttpWire;

  beforeEach(async () => {
    seen = [];
    listener = new Recorder();
    handle = (_, response) => void response.writeHead(405).end();
    server = createServer((request, response) => {
      seen.push(request);
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => handle(request, response, Buffer.concat(chunks).toString()));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp?tenant=1`;
    settings = settingsWith({ url, headers: { 'X-Key': 'k' } });
    wire = wireWith({ settings, clock: systemClock, events: new Events(), era: 'legacy' });
  });

  function wireWith(context: WireContext): StreamableHttpWire {
    return new StreamableHttpWire(context, listener, new ConnectionTable().hold(context.settings));
  }

  afterEach(async () => {
    await wire.close();
    server.closeAllConnections();
    server.close();
  });

  const ask = (id: number): void => wire.send(requestFrame(id, 'tools/call'), id);

  async function openSession(): Promise<void> {
    const later = handle;
    handle = (_, response) => void response.writeHead(200, { ...JSON_TYPE, 'mcp-session-id': 's-1' }).end(reply(1));
    ask(1);
    await listener.reply(1);
    handle = later;
  }

  it('says in every message what it accepts and what configuration adds', async () => {
    handle = (_, response) => void response.writeHead(200, JSON_TYPE).end(reply(1));
    ask(1);
    await listener.reply(1);

    expect(seen[0]).toMatchObject({ method: 'POST', url: '/mcp?tenant=1' });
    expect(seen[0]?.headers).toMatchObject({
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'x-key': 'k',
    });
  });

  it('holds on to nothing of a request that was answered with JSON', async () => {
    const clock = new ManualClock();
    const idle = wireWith({ settings, clock, events: new Events(), era: 'legacy' });
    handle = (_, response) => void response.writeHead(200, JSON_TYPE).end(reply(1));
    idle.send(requestFrame(1, 'tools/call'), 1);
    await listener.reply(1);

    expect(clock.timers).toBe(0);
    await idle.close();
  });

  it('keeps to the session and the revision once they are known, and ends the session', async () => {
    await openSession();
    wire.negotiated('2025-11-25');
    handle = (_, response) => void response.writeHead(200, JSON_TYPE).end(reply(2));
    ask(2);
    await listener.reply(2);
    expect(seen[1]?.headers).toMatchObject({ 'mcp-session-id': 's-1', 'mcp-protocol-version': '2025-11-25' });

    await wire.close();
    expect(seen[2]).toMatchObject({ method: 'DELETE', headers: { 'mcp-session-id': 's-1' } });
  });

  it('takes a lost session for a request that did not arrive, and ends', async () => {
    handle = (_, response) => void response.writeHead(404).end('unknown session');
    await openSession();
    ask(2);

    expect(await listener.failure(2)).toBeInstanceOf(SessionLostError);
    expect(() => ask(3)).toThrow(UnsentError);
    await until(() => listener.over, 'the wire to close');
    await wire.close();
    expect(seen.some(({ method }) => method === 'DELETE')).toBe(false);
  });

  it.each([
    ['its header', 'Bad Request: Mcp-Session-Id header is unknown', true],
    ['it in words', '{"error":{"message":"No valid session ID provided"}}', true],
    ['something else', 'Bad Request: Unsupported protocol version', false],
  ])('takes a bad request for a lost session when %s is named', async (_, body, lost) => {
    handle = (__, response) => void response.writeHead(400).end(body);
    await openSession();
    ask(2);

    expect((await listener.failure(2)) instanceof SessionLostError).toBe(lost);
    expect(listener.ended !== undefined).toBe(lost);
  });

  it('has no session to lose where the server gave none', async () => {
    handle = (_, response) => void response.writeHead(400).end('Mcp-Session-Id header is required');
    ask(1);

    expect(await listener.failure(1)).not.toBeInstanceOf(UnsentError);
    expect([wire.hasSession, wire.knowsOrigin]).toEqual([false, true]);
    await openSession();
    expect(wire.hasSession).toBe(true);
  });

  it('ends when a notification is answered that the session is lost', async () => {
    handle = (_, response) => void response.writeHead(404).end();
    await openSession();
    wire.send(notificationFrame('notifications/cancelled'));

    expect(await until(() => listener.ended, 'the loss')).toBeInstanceOf(SessionLostError);
  });

  it('reads no more for a request that is paused, and goes on reading for others', async () => {
    const streams = new Map<string, ServerResponse>();
    handle = (_, response, body) => void streams.set(body, response.writeHead(200, SSE_TYPE));
    const notice = 'data: {"jsonrpc":"2.0","method":"notifications/message","params":{}}\n\n';
    ask(1);
    ask(2);
    const [first, second] = await until(
      () => streams.size === 2 && [...streams].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, stream]) => stream),
      'both requests',
    );
    wire.pause(1);
    let blocked = false;
    for (let n = 0; n < 2_000 && !blocked; n++) blocked = !first?.write(notice.repeat(1_024));
    first?.end(`data: ${reply(1)}\n\n`);
    second?.end(`data: ${reply(2)}\n\n`);
    expect(await listener.reply(2)).toBe('ok');
    expect(listener.find(1)).toBeUndefined();
    wire.resume(1);

    expect(await listener.reply(1)).toBe('ok');
  });

  it('lets the lines of a slow server come one byte at a time', async () => {
    handle = (_, response) => {
      response.writeHead(200, SSE_TYPE);
      for (const byte of `data: ${reply(1, 'slow')}\n\n`) response.write(byte);
      response.end();
    };
    ask(1);

    expect(await listener.reply(1)).toBe('slow');
  });

  it('lets requests that the server still knows be answered before it ends', async () => {
    let answerFirst: (() => void) | undefined;
    handle = (_, response, body) => {
      if (body.includes('"id":2')) answerFirst = () => void response.writeHead(200, JSON_TYPE).end(reply(2));
      else response.writeHead(404).end();
    };
    await openSession();
    ask(2);
    await until(() => answerFirst, 'the first request');
    ask(3);
    await until(() => listener.ended, 'the loss');
    answerFirst?.();

    expect(await listener.reply(2)).toBe('ok');
    await until(() => listener.over, 'the wire to close');
  });

  it.each([
    [401, 'upstream_unavailable'],
    [404, 'upstream_protocol_error'],
    [429, 'upstream_unavailable'],
    [500, 'upstream_protocol_error'],
    [503, 'upstream_unavailable'],
    [302, 'upstream_protocol_error'],
    [202, 'upstream_protocol_error'],
  ])('passes nothing of an answer with status %i on', async (status, code) => {
    handle = (_, response) =>
      void response.writeHead(status, { location: '/other', ...JSON_TYPE }).end('secret '.repeat(50_000));
    ask(1);
    const error = await listener.failure(1);

    expect(error).toMatchObject({ code });
    expect(JSON.stringify([error.message, error.data])).not.toContain('secret');
    expect(seen).toHaveLength(1);
    expect(listener.over).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '<html>'],
    ['the reply to another request', reply(7)],
    ['a notification', '{"jsonrpc":"2.0","method":"notifications/message"}'],
  ])('does not take %s for the reply', async (_, body) => {
    handle = (__, response) => void response.writeHead(200, JSON_TYPE).end(body);
    ask(1);

    expect(await listener.failure(1)).toMatchObject({ code: 'upstream_protocol_error' });
    expect(listener.find(7)).toBeUndefined();
  });

  it('tells which request a message of a stream belongs to', async () => {
    handle = (_, response) =>
      void response
        .writeHead(200, SSE_TYPE)
        .end(`: hi\n\ndata: {"jsonrpc":"2.0","method":"notifications/message","params":{}}\n\ndata: ${reply(1)}\n\n`);
    ask(1);
    await listener.reply(1);

    expect(listener.messages.map(({ incoming, origin }) => [incoming.kind, origin])).toEqual([
      ['notification', 1],
      ['reply', 1],
    ]);
  });

  it('continues a stream that breaks off, behind the last event that came', async () => {
    handle = (request, response) => {
      response.writeHead(200, SSE_TYPE);
      if (request.method === 'POST') response.end('id: e-1\nretry: 10\ndata:\n\n');
      else response.end(`id: e-2\ndata: ${reply(1, 'resumed')}\n\n`);
    };
    ask(1);

    expect(await listener.reply(1)).toBe('resumed');
    expect(seen[1]).toMatchObject({ method: 'GET', headers: { 'last-event-id': 'e-1' } });
  });

  it('gives up a stream whose continuation brings nothing', async () => {
    handle = (request, response) => {
      response.writeHead(200, SSE_TYPE).end(request.method === 'POST' ? 'id: e-1\nretry: 1\ndata:\n\n' : '');
    };
    ask(1);

    expect(await listener.failure(1)).toMatchObject({ code: 'upstream_unavailable' });
    expect(seen).toHaveLength(2);
  });

  it('gives up a stream at once that cannot be continued', async () => {
    handle = (_, response) => void response.writeHead(200, SSE_TYPE).end(': nothing\n\n');
    ask(1);

    expect(await listener.failure(1)).toMatchObject({ code: 'upstream_unavailable' });
    expect(seen).toHaveLength(1);
  });

  it('breaks off a request that is abandoned', async () => {
    let gone = false;
    handle = (_, response) => {
      response.on('close', () => (gone = true));
      response.writeHead(200, SSE_TYPE).flushHeaders();
    };
    ask(1);
    await until(() => seen.length === 1, 'the request');
    wire.abandon(1);

    await until(() => gone, 'the connection to close');
    expect(listener.failures.size).toBe(0);
  });

  it('listens to what the server says on its own, after everything sent has been taken', async () => {
    const order: string[] = [];
    let say: ((text: string) => void) | undefined;
    handle = (request, response) => {
      order.push(request.method ?? '');
      if (request.method === 'POST') {
        setTimeout(() => response.writeHead(202).end(), 20);
      } else {
        response.writeHead(200, SSE_TYPE).flushHeaders();
        say = (text) => response.write(text);
      }
    };
    wire.send(notificationFrame('notifications/initialized'));
    await wire.introduced();
    await until(() => say, 'the stream');
    say?.('data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n');
    await until(() => listener.messages.length > 0, 'the notification');

    expect(order).toEqual(['POST', 'GET']);
    expect(listener.messages[0]).toMatchObject({ incoming: { kind: 'notification' }, origin: undefined });
  });

  it.each([400, 409])('opens that stream again though it was refused with %i when it had broken', async (status) => {
    const clock = new ManualClock();
    const one = wireWith({ settings, clock, events: new Events(), era: 'legacy' });
    const answers = [200, status, 200];
    handle = (_, response) => {
      const answer = answers.shift() ?? 200;
      response.writeHead(answer, SSE_TYPE);
      if (answer === 200) response.write('id: e-1\ndata: {"jsonrpc":"2.0","method":"notifications/message"}\n\n');
      if (answers.length > 0) response.end();
    };
    await one.introduced();
    await until(() => {
      clock.advance(30_000);
      return listener.messages.length === 2;
    }, 'the stream to be there again');

    const lastIds = seen.map(({ headers }) => headers['last-event-id']);
    expect(lastIds).toEqual([undefined, 'e-1', status === 400 ? undefined : 'e-1']);
    await one.close();
  });

  it('leaves a server in peace that offers no such stream', async () => {
    await wire.introduced();
    await until(() => seen.length === 1, 'the first try');
    handle = (_, response) => void response.writeHead(200, JSON_TYPE).end(reply(1));
    ask(1);
    await listener.reply(1);

    expect(seen.map(({ method }) => method)).toEqual(['GET', 'POST']);
  });

  it('gives the connection of a notification back when the server does not answer it', async () => {
    const clock = new ManualClock();
    const one = wireWith({ settings: { ...settings, maxConnections: 1 }, clock, events: new Events(), era: 'legacy' });
    handle = (_, response, body) => {
      if (body.includes('"id"')) response.writeHead(200, JSON_TYPE).end(reply(7));
    };
    one.send(notificationFrame('notifications/cancelled'));
    one.send(requestFrame(7, 'tools/call'), 7);
    await until(() => seen.length === 1, 'the notification');
    clock.advance(5_000);

    expect(await listener.reply(7)).toBeDefined();
    await one.close();
  });
});
