import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import { host, type Host } from '../fixtures/full-server/hosts.ts';
import { allReady, metricOf, workersOf } from '../support/crew.ts';
import { freshFetch } from '../support/fresh-fetch.ts';
import { FullClient } from '../support/full-client.ts';
import { startGateway, type RunningGateway } from '../support/gateway.ts';
import { askModern } from '../support/modern-raw-clients.ts';
import { modern } from '../support/modern.ts';
import { endpointAt, eventsOf, type Endpoint, type Json, request } from '../support/raw-clients.ts';
import { until } from '../support/until.ts';

const WORKERS = 3;
/** So many requests in a row over connections of their own reach every worker, whoever was last. */
const ROUND = [0, 1, 2] as const;

/** An event stream as it comes. */
class Events {
  text = '';
  isOver = false;

  constructor(readonly response: IncomingMessage) {
    response.on('data', (chunk: Buffer) => (this.text += chunk.toString()));
    response.on('error', () => undefined);
    response.on('close', () => (this.isOver = true));
  }

  get messages(): Json[] {
    return eventsOf(this.text);
  }

  get lastId(): string {
    return [...this.text.matchAll(/^id: ?(\S+)$/gm)].at(-1)?.[1] ?? '';
  }

  count(method: string): number {
    return this.messages.filter((message) => message['method'] === method).length;
  }
}

interface Connection {
  readonly id: string;
  readonly route: string;
  readonly worker: number;
  readonly pending: number;
}

describe('sessions whose requests reach any worker', () => {
  let upstream: Host;
  let gateway: RunningGateway;
  let endpoint: Endpoint;
  let lastId = 0;
  let directory: string;

  beforeAll(async () => {
    upstream = await host('streamable_http');
    directory = mkdtempSync(join(tmpdir(), 'mcp-delivery-'));
    const toml = `
[server]
port = 0
workers = ${WORKERS}
[metrics]
port = 0
[upstream.groups.full]
isolation = "auto"
[[upstream.groups.full.servers]]
${upstream.toml}
[upstream.groups.own]
isolation = "session"
[[upstream.groups.own.servers]]
${(await host('stdio')).toml}
[upstream.groups.open]
isolation = "shared"
[[upstream.groups.open.servers]]
${(await host('stdio')).toml}
`;
    gateway = await startGateway(toml, { env: { TMPDIR: directory } });
    await gateway.ready();
    await allReady(gateway);
    endpoint = endpointAt(gateway.url);
  });

  afterAll(async () => {
    await gateway?.stop();
    await upstream?.[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true, force: true });
  });

  const connect = async (name: string, path: string, capabilities?: object): Promise<FullClient> => {
    const transport = new StreamableHTTPClientTransport(new URL(path, gateway.url), { fetch: freshFetch });
    return new FullClient(name, capabilities).connect(transport);
  };
  const listen = async (session: Record<string, string>, path: string, more: Record<string, string> = {}) => {
    const headers = { ...session, accept: 'text/event-stream', ...more };
    return new Events(await endpoint.open('GET', { path, headers }));
  };
  const ask = (session: Record<string, string>, path: string, method: string, params: Json = {}) =>
    endpoint.post(request(method, ++lastId, params), session, path);
  const call = (session: Record<string, string>, path: string, name: string, args: Json = {}) =>
    ask(session, path, 'tools/call', { name, arguments: args });

  it('keep one session with a server of their own, however the requests spread', async () => {
    await using client = await connect('keeper', '/mcp/own');
    for (const n of ROUND) {
      await client.call('remember', { value: `kept ${n}` });
      for (const _ of ROUND) expect(await client.call('recall')).toBe(`kept ${n}`);
    }
  });

  it('are asked by their servers, and answer through whichever worker they reach', async () => {
    await using client = await connect('asked', '/mcp/full');
    for (const _ of ROUND) {
      expect(await client.call('sample', { prompt: 'x' })).toContain('as asked');
      expect(await client.call('ask')).toContain('"name":"asked"');
      expect(await client.call('roots')).toContain('file:///home/asked');
    }
    const own = [...upstream.sessions].filter(({ mcp }) => mcp.server.getClientCapabilities()?.sampling);
    expect(own).toHaveLength(1);
    const dropped = await metricOf(gateway, 'mcp_gateway_messages_dropped_total');
    expect([...dropped.keys()].filter((labels) => labels.includes('downstream'))).toEqual([]);
  });

  it('cancel what another worker has, and hear of its progress', async () => {
    await using client = await connect('hasty', '/mcp/full');
    const mine = () => [...upstream.sessions].findLast(({ mcp }) => mcp.server.getClientCapabilities()?.sampling);
    for (const n of ROUND) {
      const told: number[] = [];
      const onprogress = ({ progress }: { progress: number }): void => void told.push(progress);
      await client.sdk.callTool({ name: 'count', arguments: { to: 3 } }, undefined, { onprogress });
      expect(told).toEqual([1, 2, 3]);

      const hasty = new AbortController();
      const waits = client.sdk.callTool({ name: 'wait', arguments: {} }, undefined, { signal: hasty.signal });
      const ended = expect(waits).rejects.toThrow();
      await until(() => mine()!.waiting === n + 1, 'the call to begin');
      hasty.abort();
      await ended;
      await until(() => mine()!.cancelled === n + 1, 'the server to be told');
    }
  });

  it('cancel through another worker what is served where it arrived', async () => {
    const session = await endpoint.session('2025-11-25', '/mcp/open');
    for (const _ of ROUND) {
      const id = ++lastId;
      const waits = endpoint.post(request('tools/call', id, { name: 'wait', arguments: {} }), session, '/mcp/open');
      const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } };
      await until(async () => {
        const { connections } = await gateway.json<{ connections: Json[] }>('/api/v1/connections');
        return connections.length > 0;
      }, 'the session to be seen');
      expect((await endpoint.post(cancelled, session, '/mcp/open')).status).toBe(202);
      const answer = await waits;
      expect([200, 202]).toContain(answer.status);
      expect(answer.text).not.toContain('stopped');
    }
  });

  it('have one stream, whichever worker it is opened on, and hear everything once', async () => {
    const session = await endpoint.session('2025-11-25', '/mcp/full');
    await ask(session, '/mcp/full', 'tools/list');
    const streams = [];
    for (const _ of ROUND) streams.push(await listen(session, '/mcp/full'));
    const last = streams.pop()!;
    for (const each of streams) await until(() => each.isOver, 'the older stream to give way');

    for (const _ of ROUND) await ask(session, '/mcp/full', 'resources/subscribe', { uri: 'note://first' });
    for (const _ of ROUND) await call(session, '/mcp/full', 'touch', { uri: 'note://first' });
    await call(session, '/mcp/full', 'grow', { name: 'grown' });
    await until(() => last.count('notifications/tools/list_changed') > 0, 'the change to be told');
    await until(() => last.count('notifications/resources/updated') >= ROUND.length, 'the updates to be told');
    expect(last.count('notifications/tools/list_changed')).toBe(1);
    expect(last.count('notifications/resources/updated')).toBe(ROUND.length);

    // What came while nobody listened comes with the next, on any worker.
    const { lastId: seen } = last;
    last.response.destroy();
    await call(session, '/mcp/full', 'touch', { uri: 'note://first' });
    for (const _ of ROUND) {
      const again = await listen(session, '/mcp/full', { 'last-event-id': seen });
      await until(() => again.count('notifications/resources/updated') === 1, 'the one that was missed');
      expect(again.lastId).not.toBe(seen);
    }
  });

  it('come back to the stream of a request on another worker', async () => {
    const session = await endpoint.session('2025-11-25', '/mcp/open');
    for (const _ of ROUND) {
      const body = request('tools/call', ++lastId, { name: 'wait', arguments: {} });
      const headers = { ...session, 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
      const first = new Events(await endpoint.open('POST', { path: '/mcp/open', headers, body: JSON.stringify(body) }));
      await until(() => first.lastId, 'an id to come back with');
      first.response.destroy();
      const again = await listen(session, '/mcp/open', { 'last-event-id': first.lastId });
      expect(again.response.statusCode).toBe(200);
      again.response.destroy();
      await endpoint.post(
        { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: lastId } },
        session,
        '/mcp/open',
      );
    }
  });

  it('are over everywhere when they are ended anywhere', async () => {
    for (const _ of ROUND) {
      const session = await endpoint.session('2025-11-25', '/mcp/open');
      for (const _ of ROUND) expect((await ask(session, '/mcp/open', 'tools/list')).status).toBe(200);
      const stream = await listen(session, '/mcp/open');
      expect((await endpoint.http('DELETE', { path: '/mcp/open', headers: session })).status).toBe(200);
      for (const _ of ROUND) expect((await ask(session, '/mcp/open', 'tools/list')).status).toBe(404);
      await until(() => stream.isOver, 'the stream to end');
    }
  });

  it('come by HTTP+SSE as well', async () => {
    const transport = new SSEClientTransport(new URL('/sse/full', gateway.url), {
      fetch: freshFetch,
      eventSourceInit: { fetch: freshFetch },
    });
    await using client = await new FullClient('old').connect(transport);
    for (const _ of ROUND) {
      expect(await client.call('ask')).toContain('"name":"old"');
      expect(await client.call('echo', { text: 'hello' })).toBe('hello');
    }
  });

  it('bring the answers of a parked call to the worker that has it', async () => {
    const capable = { capabilities: { elicitation: { form: {} } } };
    const parked = async (more: Json = {}) => {
      const params = { name: 'full__ask', arguments: {}, ...more };
      const { reply } = await askModern(endpoint, modern('tools/call', ++lastId, params, capable));
      return reply['result'] as Json;
    };
    for (const _ of ROUND) {
      const { inputRequests, requestState } = await parked();
      const answer = { action: 'accept', content: { name: 'ada' } };
      const inputResponses = { [Object.keys(inputRequests as Json)[0]!]: answer };
      for (const _ of ROUND) {
        const done = await parked({ requestState, inputResponses });
        expect(done).toMatchObject({ resultType: 'complete', content: [{ text: JSON.stringify(answer) }] });
      }
    }
  });

  it('count an answer to nothing once, wherever it arrives', async () => {
    const session = await endpoint.session('2025-11-25', '/mcp/open');
    for (const _ of ROUND) await ask(session, '/mcp/open', 'tools/list');
    const stray = async () =>
      (await metricOf(gateway, 'mcp_gateway_messages_dropped_total')).get('{where="downstream",why="stray_reply"}');
    for (const n of ROUND) {
      const answer = { jsonrpc: '2.0', id: `nothing-${n}`, result: {} };
      expect((await endpoint.post(answer, session, '/mcp/open')).status).toBe(202);
    }
    await until(async () => (await stray()) === ROUND.length, 'all to be counted');
  });

  it('are taken over by one worker where theirs has died, and nothing waits for ever', async () => {
    const session = await endpoint.session('2025-11-25', '/mcp/own', { sampling: {} });
    await call(session, '/mcp/own', 'remember', { value: 'gone with it' });
    const { connections } = await gateway.json<{ connections: Connection[] }>('/api/v1/connections');
    const mine = connections.filter(({ route, pending }) => route === 'own' && pending === 0);
    const before = await workersOf(gateway);

    const stream = await listen(session, '/mcp/own');
    const waits = ROUND.map(() =>
      call(session, '/mcp/own', 'wait').then(
        ({ text }) => text,
        (error: Error) => error.message,
      ),
    );
    const pending = async () => {
      const now = await gateway.json<{ connections: Connection[] }>('/api/v1/connections');
      return now.connections.find((one) => one.pending === ROUND.length);
    };
    const home = await until(pending, 'all calls to be in one worker');
    expect(mine.map(({ id }) => id)).toContain(home.id);
    process.kill(before.find(({ worker }) => worker === home.worker)!.pid!, 'SIGKILL');

    // That which arrived at the worker that died is cut off; what others have handed to it they answer.
    const ends = await Promise.all(waits);
    expect(ends.filter((text) => text.includes('gateway_worker_gone'))).toHaveLength(WORKERS - 1);
    expect(ends.filter((text) => text.includes('socket hang up'))).toHaveLength(1);
    await until(() => stream.isOver, 'the stream to end');

    // A session with the server of its own, in one worker again.
    for (const n of ROUND) {
      const { text } = await call(session, '/mcp/own', 'remember', { value: `anew ${n}` });
      expect(text).toContain('kept');
      for (const _ of [...ROUND, ...ROUND]) {
        expect((await call(session, '/mcp/own', 'recall')).text).toContain(`anew ${n}`);
      }
      // The one that takes its place has nothing of it.
      await allReady(gateway);
    }
    const again = await listen(session, '/mcp/own');
    await ask(session, '/mcp/own', 'tools/list');
    await call(session, '/mcp/own', 'grow', { name: 'late' });
    await until(() => again.count('notifications/tools/list_changed') === 1, 'the change to be told');
  });

  it('leave nothing behind', async () => {
    const [folder = ''] = readdirSync(directory).filter((name) => name.startsWith('mcp-gateway-'));
    const { mode } = statSync(join(directory, folder));
    expect(mode & 0o777).toBe(0o700);
    const sockets = readdirSync(join(directory, folder)).map((name) => statSync(join(directory, folder, name)).mode);
    expect(sockets.map((mode) => mode & 0o777)).toEqual(Array.from({ length: WORKERS }, () => 0o600));
    const exited = once(gateway.process, 'exit');
    gateway.process.kill('SIGTERM');
    await exited;
    expect(gateway.stderr).toEqual([]);
    expect(existsSync(join(directory, folder))).toBe(false);
  });
});
