import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';

import { requested } from '../support/requested.ts';
import { createServer } from '../../examples/basic/src/create-server.ts';
import { Events } from '../../src/core/events.js';
import { McpRequest, type InterimMessage } from '../../src/core/message.js';
import { readParams } from '../../src/protocol/index.js';
import { systemClock } from '../../src/system-clock.js';
import type { Channel } from '../../src/upstream/channel/channel.js';
import { openChannel } from '../../src/upstream/channel/open-channel.js';
import type { ServerSettings } from '../../src/upstream/server-settings.js';
import { SseTransport } from '../../src/upstream/transports/sse.transport.js';
import { StdioTransport } from '../../src/upstream/transports/stdio.transport.js';
import { StreamableHttpTransport } from '../../src/upstream/transports/streamable-http.transport.js';
import { channelOwner } from '../support/channel-owner.ts';
import { settingsWith } from '../support/server-settings.ts';
import { until } from '../support/until.ts';

const SERVER = join(import.meta.dirname, '../../examples/basic/src/server.ts');

interface Running {
  readonly settings: Partial<ServerSettings>;
  stop(): Promise<void>;
}

async function overStdio(): Promise<Running> {
  return { settings: { command: process.execPath, args: [SERVER] }, stop: () => Promise.resolve() };
}

async function overHttp(): Promise<Running> {
  const child: ChildProcess = spawn(process.execPath, [SERVER, '--http', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const url = await until(() => /listening on (\S+)/.exec(said)?.[1], 'the server to listen');
  return {
    settings: { url },
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** The same server behind the transport of the official SDK for HTTP+SSE. */
async function overSse(): Promise<Running> {
  const sessions = new Map<string, SSEServerTransport>();
  const http = createHttpServer((request, response) => {
    if (request.method === 'GET') {
      const transport = new SSEServerTransport('/messages', response);
      sessions.set(transport.sessionId, transport);
      void createServer().connect(transport);
      return;
    }
    const id = new URL(request.url ?? '', 'http://localhost').searchParams.get('sessionId') ?? '';
    const session = sessions.get(id);
    if (session) void session.handlePostMessage(request, response);
    else response.writeHead(404).end();
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  return {
    settings: { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/sse` },
    stop: async () => {
      for (const session of sessions.values()) await session.close();
      http.closeAllConnections();
      http.close();
    },
  };
}

describe.each([
  { name: 'stdio', Transport: StdioTransport, start: overStdio },
  { name: 'streamable_http', Transport: StreamableHttpTransport, start: overHttp },
  { name: 'sse', Transport: SseTransport, start: overSse },
  { name: 'sse, found out', Transport: StreamableHttpTransport, start: overSse },
])('a server of the official SDK over $name', ({ Transport, start }) => {
  let server: Running;
  let channel: Channel;
  const lists: string[] = [];

  beforeAll(async () => {
    server = await start();
    const context = { settings: settingsWith(server.settings), clock: systemClock, events: new Events() };
    channel = await openChannel(
      new Transport(),
      context,
      channelOwner({ listChanged: (kind) => void lists.push(kind) }),
      { capabilities: {}, giveUp: new AbortController().signal },
    );
  });

  afterAll(async () => {
    await channel?.close();
    await server?.stop();
  });

  function call(name: string, args: object, { signal = new AbortController().signal, within = 10_000 } = {}) {
    const interim: InterimMessage[] = [];
    const params = readParams(Buffer.from(JSON.stringify({ name, arguments: args })));
    const reply = requested(channel, new McpRequest('tools/call', params), {
      signal,
      deadline: systemClock.now() + within,
      progress: true,
      onInterim: (message) => interim.push(message),
    });
    return { reply, interim };
  }

  it('introduces itself', () => {
    expect(channel.peer).toMatchObject({ revision: '2025-11-25', info: { name: 'basic' } });
    expect(channel.peer.capabilities).toHaveProperty('tools');
    expect(channel.peer.instructions).toContain('small server');
  });

  it('answers many calls at once, each with its own', async () => {
    const texts = Array.from({ length: 50 }, (_, n) => `text ${n}`);
    const replies = await Promise.all(texts.map((text) => call('echo', { text }).reply));

    expect(replies.map(({ json }) => json.object()['content'])).toEqual(texts.map((text) => [{ type: 'text', text }]));
  });

  it('reports its progress and its log to the call they belong to', async () => {
    const { reply, interim } = call('count_down', { from: 3, interval_ms: 5 });
    await reply;

    const methods = interim.map(({ method }) => method);
    expect(methods.filter((method) => method === 'notifications/progress').length).toBeGreaterThanOrEqual(3);
    expect(methods).toContain('notifications/message');
  });

  it('stops a call that is cancelled, and goes on', async () => {
    const abort = new AbortController();
    const { reply, interim } = call('count_down', { from: 1_000, interval_ms: 20 }, { signal: abort.signal });
    await until(() => interim.length > 2, 'some progress');
    abort.abort();

    await expect(reply).rejects.toMatchObject({ code: 'exchange_cancelled' });
    expect((await call('echo', { text: 'on' }).reply).kind).toBe('result');
  });

  it('is not waited for beyond the deadline', async () => {
    const { reply } = call('count_down', { from: 1_000, interval_ms: 20 }, { within: 100 });

    await expect(reply).rejects.toMatchObject({ code: 'upstream_timeout' });
  });

  it('answers unknown methods with an error of its own', async () => {
    const reply = await channel.ask(new McpRequest('no/such', undefined), systemClock.now() + 5_000);

    expect(reply.json.object()['code']).toBe(-32601);
  });
});
