import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Recorder } from '../../../test/contracts/upstream/recorder.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { settingsWith } from '../../../test/support/server-settings.js';
import { until } from '../../../test/support/until.js';
import type { Clock } from '../../core/clock.js';
import { UnsentError } from '../../core/errors.js';
import { Events } from '../../core/events.js';
import { notificationFrame, requestFrame } from '../../protocol/index.js';
import { systemClock } from '../../system-clock.js';
import type { ServerSettings } from '../server-settings.js';
import type { Wire } from '../wire.js';
import { SseTransport } from './sse.transport.js';

const ENDPOINT = 'event: endpoint\ndata: /post?s=1\n\n';
const reply = (id: number, value = 'ok'): string =>
  `event: message\ndata: {"jsonrpc":"2.0","id":${id},"result":{"value":"${value}"}}\n\n`;

describe('SseTransport', () => {
  let server: Server;
  let url: string;
  let seen: IncomingMessage[];
  let first: string;
  let stream: ServerResponse;
  let post: (response: ServerResponse) => void;
  let listener: Recorder;
  let dropped: string[];
  let wire: Wire | undefined;

  beforeEach(async () => {
    [seen, first, dropped, wire] = [[], ENDPOINT, [], undefined];
    post = (response) => void response.writeHead(202).end();
    listener = new Recorder();
    server = createServer((request, response) => {
      seen.push(request);
      request.resume();
      if (request.method === 'POST') return post(response);
      stream = response.writeHead(200, { 'content-type': 'text/event-stream' });
      stream.write(first || ': nothing\n\n');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sse`;
  });

  afterEach(async () => {
    await wire?.close();
    server.closeAllConnections();
    server.close();
  });

  async function open(changed: Partial<ServerSettings> = {}, clock: Clock = systemClock): Promise<Wire> {
    const events = new Events();
    events.on('message.dropped', ({ why }) => dropped.push(why));
    const settings = settingsWith({ url, transport: 'sse', headers: { 'X-Key': 'k' }, ...changed });
    wire = await new SseTransport().open({ settings, clock, events, era: 'legacy' }, listener);
    return wire;
  }

  const ask = (id: number): void => wire?.send(requestFrame(id, 'tools/call'), id);

  it('posts to the endpoint that it is told, with the headers of the configuration and the revision', async () => {
    const opened = await open();
    ask(1);
    await until(() => seen.length === 2, 'the first message');
    opened.negotiated('2025-06-18');
    opened.send(notificationFrame('notifications/initialized'));
    await opened.introduced();

    expect(seen.map(({ method, url: path }) => `${method} ${path}`)).toEqual([
      'GET /sse',
      'POST /post?s=1',
      'POST /post?s=1',
    ]);
    expect(seen[0]?.headers).toMatchObject({ accept: 'text/event-stream', 'x-key': 'k' });
    expect(seen[1]?.headers).toMatchObject({ 'content-type': 'application/json', 'x-key': 'k' });
    expect(seen[1]?.headers).not.toHaveProperty('mcp-protocol-version');
    expect(seen[2]?.headers).toMatchObject({ 'mcp-protocol-version': '2025-06-18' });
  });

  it.each([
    ['an endpoint of another server', 'event: endpoint\ndata: http://127.0.0.1:1/post\n\n'],
    ['something longer than allowed', `data: ${'x'.repeat(20_000)}\n\n`],
  ])('refuses %s', async (_, said) => {
    first = said;

    await expect(open({ maxMessageBytes: 10_000 })).rejects.toBeInstanceOf(UnsentError);
    expect(seen).toHaveLength(1);
  });

  it.each([
    ['another status', 404, 'text/event-stream'],
    ['something else than an event stream', 200, 'text/html'],
  ])('refuses %s', async (_, status, type) => {
    server.removeAllListeners('request').on('request', (__, response: ServerResponse) => {
      response.writeHead(status, { 'content-type': type }).end('event: endpoint\ndata: /post\n\n');
    });

    await expect(open()).rejects.toMatchObject({ code: 'upstream_unavailable' });
  });

  it('waits no longer for an endpoint than for a connection', async () => {
    first = '';
    const clock = new ManualClock();
    const opened = open({ connectTimeout: 2_000 }, clock);
    await until(() => seen.length === 1, 'the stream');
    clock.advance(2_000);

    await expect(opened).rejects.toBeInstanceOf(UnsentError);
    expect(clock.timers).toBe(0);
  });

  it('gives up when nobody waits any more', async () => {
    first = '';
    const giveUp = new AbortController();
    const context = {
      settings: settingsWith({ url }),
      clock: systemClock,
      events: new Events(),
      era: 'legacy' as const,
    };
    const opened = new SseTransport().open(context, listener, giveUp.signal);
    await until(() => seen.length === 1, 'the stream');
    giveUp.abort();

    await expect(opened).rejects.toBeInstanceOf(UnsentError);
  });

  it.each([404, 400, 500, 503])('fails a request alone that is refused with %i', async (status) => {
    await open();
    post = (response) => void response.writeHead(status).end('secret');
    ask(1);
    expect((await listener.failure(1)).cause).toMatchObject({ status });
    post = (response) => {
      response.writeHead(202).end();
      stream.write(reply(2));
    };
    ask(2);

    expect(await listener.reply(2)).toBe('ok');
    expect(listener.over).toBeUndefined();
  });

  it('takes the reply that comes before the request is said to be taken', async () => {
    await open();
    post = (response) => {
      stream.write(reply(1, 'early'));
      setTimeout(() => response.writeHead(202).end(), 20);
    };
    ask(1);

    expect(await listener.reply(1)).toBe('early');
  });

  it('says that the server is gone when the stream ends', async () => {
    await open();
    stream.end();

    expect(await until(() => listener.over, 'the end')).toMatchObject({ code: 'upstream_unavailable' });
    expect(() => ask(1)).toThrow(UnsentError);
    expect(seen).toHaveLength(1);
  });

  it('moves nowhere when a second endpoint is named, and takes no notice of unknown events', async () => {
    await open();
    stream.write('event: endpoint\ndata: /elsewhere\n\nevent: ping\ndata: {}\n\n');
    await until(() => dropped.length === 2, 'both events');
    ask(1);
    await until(() => seen.length === 2, 'the message');

    expect(dropped).toEqual(['unknown_event', 'unknown_event']);
    expect(seen[1]?.url).toBe('/post?s=1');
  });

  it('lets a post go that is abandoned, and a notification that hangs', async () => {
    let gone = 0;
    const clock = new ManualClock();
    const opened = await open({}, clock);
    post = (response) => void response.on('close', () => gone++);
    ask(1);
    opened.send(notificationFrame('notifications/cancelled'));
    await until(() => seen.length === 3, 'both messages');
    opened.abandon(1);
    await until(() => gone === 1, 'the request to be broken off');
    clock.advance(5_000);

    await until(() => gone === 2, 'the notification to be broken off');
    expect(listener.failures.size).toBe(0);
  });
});
