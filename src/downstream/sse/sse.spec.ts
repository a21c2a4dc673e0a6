import { once } from 'node:events';

import { AuthService } from '../../auth/index.js';
import { GatewayError } from '../../core/errors.js';
import { Params, result, type InterimMessage, type McpReply } from '../../core/message.js';
import { ANONYMOUS, type Principal } from '../../core/principal.js';
import { CONNECTION_REGISTRY, type ConnectionRegistry } from '../../core/views.js';
import { readParams } from '../../protocol/index.js';
import {
  answer,
  call,
  cancelled,
  DownstreamApp,
  initialize,
  postOf,
  request,
} from '../../../test/support/downstream.js';
import { ANSWERS_EVERYTHING, roots, sampling } from '../../../test/support/questions.js';
import { SseClient } from '../../../test/support/sse-client.js';
import { until } from '../../../test/support/until.js';

function progress(of: string | number, value: number, message = ''): InterimMessage {
  const bytes = Buffer.from(JSON.stringify({ progressToken: of, progress: value, message }));
  const read: unknown = readParams(bytes);
  return { kind: 'notification', method: 'notifications/progress', params: read instanceof Params ? read : undefined };
}

describe('MCP over HTTP+SSE', () => {
  let gateway: DownstreamApp;

  beforeEach(async () => {
    gateway = await DownstreamApp.start({ ServerSection: { maxInFlight: 4, maxBodyBytes: 65_536, maxConnections: 3 } });
  });
  afterEach(() => gateway.stop());

  describe('the stream', () => {
    it('begins with where to post to, and brings the answer to what was posted there', async () => {
      const client = await SseClient.open(gateway);
      expect(client.response.headers).toMatchObject({
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
      });
      expect(client.endpoint).toMatch(/^\/messages\?sessionId=[\w-]{32}$/);

      const posted = await client.post(initialize('2024-11-05', 1));
      expect([posted.status, posted.text]).toEqual([202, '']);
      expect(await client.next()).toEqual({
        jsonrpc: '2.0',
        id: 1,
        result: {
          protocolVersion: '2024-11-05',
          capabilities: { tools: {}, logging: {} },
          serverInfo: { name: 'gw', version: '1.0.0' },
          instructions: 'Be kind.',
        },
      });
    });

    it('shows one group under its own path, and says nothing of a path that is not there', async () => {
      const client = await SseClient.introduced(gateway, '2025-11-25', '/sse/crm');
      await client.ask(call('echo', 1));
      expect(gateway.routes.seen[0]?.exchange.route).toBe('crm');
      for (const path of ['/sse/none', '/sse/crm/x', '/SSE', '/ssex', '/%73se', '/messages/x']) {
        expect((await gateway.http('GET', { path })).status).toBe(404);
      }
      expect((await SseClient.open(gateway, '/sse/?x=1')).endpoint).toMatch(/^\/messages\?/);
    });

    it('is under the path of the public URL, where there is one', async () => {
      const proxied = await DownstreamApp.start({ SecuritySection: { publicUrl: 'https://gw.example/tools/mcp-gw/' } });
      const { endpoint } = await SseClient.open(proxied);
      expect(endpoint).toMatch(/^\/tools\/mcp-gw\/messages\?sessionId=[\w-]{32}$/);
      await proxied.stop();
    });

    it('takes any legacy revision', async () => {
      const client = await SseClient.open(gateway);
      expect(await client.ask(initialize('2025-11-25'))).toMatchObject({ result: { protocolVersion: '2025-11-25' } });
      const posted = await client.post(request('ping', 2), { 'mcp-protocol-version': '2025-11-25' });
      expect(posted.status).toBe(202);
      expect(await client.next()).toEqual({ jsonrpc: '2.0', id: 2, result: {} });
      expect((await client.post(request('ping', 3), { 'mcp-protocol-version': '1999-01-01' })).status).toBe(400);
    });

    it('is the session: when it closes, what is in flight is cancelled and the id is worth nothing', async () => {
      const { promise } = Promise.withResolvers<McpReply>();
      gateway.routes.handler = () => promise;
      const client = await SseClient.introduced(gateway);
      await client.post(call('slow', 1));
      await until(() => gateway.downstream.inFlight === 1, 'the call to arrive');

      client.close();
      await until(() => gateway.connections.length === 0, 'the session to end');
      expect(gateway.routes.seen[0]?.exchange.signal.aborted).toBe(true);
      expect(gateway.outcome('tools/call')).toEqual(['499 exchange_cancelled']);
      expect((await client.post(request('ping', 2))).status).toBe(404);
    });

    it('carries progress before the reply, and obeys a cancellation', async () => {
      gateway.routes.handler = (request, exchange) => {
        exchange.deliver(progress('p', 1));
        return request.params?.text('name') === 'slow' ? new Promise(() => undefined) : Promise.resolve(result({}));
      };
      const client = await SseClient.introduced(gateway);
      await client.post(call('quick', 1, { _meta: { progressToken: 'p' } }));
      expect(await client.next()).toMatchObject({ method: 'notifications/progress', params: { progressToken: 'p' } });
      expect(await client.next()).toMatchObject({ id: 1, result: {} });

      await client.post(call('slow', 'two'));
      await until(() => gateway.downstream.inFlight === 1, 'the call to arrive');
      expect((await client.post(cancelled('two'))).status).toBe(202);
      expect(await client.ask(request('ping', 3))).toMatchObject({ id: 3 });
      expect(gateway.outcome('tools/call')).toEqual(['200 -', '499 exchange_cancelled']);
    });

    it('refuses an id that is in use without completing what it stands for', async () => {
      const { promise, resolve } = Promise.withResolvers<McpReply>();
      gateway.routes.handler = () => promise;
      const client = await SseClient.introduced(gateway);
      await client.post(call('slow', 9));
      const refused = await client.ask(call('slow', 9));
      expect(refused).toMatchObject({ error: { code: -32600, data: { id: 9 } } });
      expect(refused).not.toHaveProperty('id');
      resolve(result({ done: true }));
      expect(await client.next()).toMatchObject({ id: 9, result: { done: true } });
    });

    it('says what a batch asks in one message, for 2025-03-26 alone', async () => {
      const batch = [request('ping', 1), { jsonrpc: '2.0', method: 'notifications/initialized' }, request('nope', 2)];
      const client = await SseClient.introduced(gateway, '2025-03-26');
      await client.post(batch);
      expect(await client.next()).toMatchObject([{ id: 1 }, { id: 2, error: { code: -32601 } }]);
      expect((await client.post([initialize('2025-03-26', 3)])).status).toBe(400);

      const older = await SseClient.introduced(gateway, '2024-11-05');
      expect((await older.post(batch)).status).toBe(400);
    });

    it('brings what servers ask of the client, and a POST takes the answer back', async () => {
      gateway.routes.handler = async (_request, exchange) => {
        const question = sampling('write a poem');
        exchange.deliver(question.request);
        return result({ heard: await question.answer } as never);
      };
      const client = await SseClient.open(gateway);
      await client.ask(initialize('2025-11-25', 0, ANSWERS_EVERYTHING));
      await client.post(call('ask', 1));
      const asked = await client.next();
      expect(asked).toMatchObject({ method: 'sampling/createMessage', params: { maxTokens: 10 } });
      expect((await client.post(answer(asked['id'], { model: 'm' }))).status).toBe(202);
      expect(await client.next()).toMatchObject({ id: 1, result: { heard: { result: { model: 'm' } } } });
    });

    it('brings what belongs to no request', async () => {
      const client = await SseClient.introduced(gateway);
      await client.ask(call('x', 1));
      const { stay } = gateway.routes.seen[0]!.exchange;
      stay.deliver({ kind: 'notification', method: 'notifications/tools/list_changed', params: undefined });
      expect(await client.next()).toEqual({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });

      const question = roots();
      client.close();
      await until(() => stay.ended, 'the session to end');
      stay.deliver(question.request);
      expect(await question.answer).toMatchObject({ error: { code: -32601 } });
    });

    it('is found among the connections, and can be closed there', async () => {
      const client = await SseClient.introduced(gateway);
      const registry = gateway.app.get<ConnectionRegistry>(CONNECTION_REGISTRY);
      const [id] = gateway.connections;
      expect(client.endpoint).not.toContain(id);
      const view = registry.list().find((known) => known.id === id);
      expect(view).toMatchObject({ transport: 'sse', route: 'mcp', clientAddress: '127.0.0.1', client: 'desk 2' });
      expect(registry.close(id!)).toBe(true);
      await client.closed;
    });
  });

  describe('the door', () => {
    it('answers what newer clients try first in a way that lets them fall back', async () => {
      for (const method of ['POST', 'DELETE', 'PUT', 'OPTIONS', 'HEAD']) {
        const answer = await gateway.http(method, { path: '/sse', ...postOf(initialize()) });
        expect([answer.status, answer.headers['allow']]).toEqual([405, 'GET']);
      }
      for (const method of ['GET', 'DELETE']) {
        const answer = await gateway.http(method, { path: '/messages?sessionId=x' });
        expect([answer.status, answer.headers['allow']]).toEqual([405, 'POST']);
      }
      expect((await gateway.refused('/sse')).status).toBe(404);
    });

    it('refuses foreign names and origins, for the stream and for each message', async () => {
      const client = await SseClient.open(gateway);
      for (const headers of [{ host: 'evil.example' }, { origin: 'http://evil.example' }, { origin: 'null' }]) {
        expect((await gateway.http('GET', { path: '/sse', headers })).status).toBe(403);
        expect((await client.post(initialize(), headers)).status).toBe(403);
      }
      expect(gateway.connections).toHaveLength(1);
    });

    it('opens a stream for whoever takes one', async () => {
      const headers = { accept: 'application/json' };
      expect((await gateway.http('GET', { path: '/sse', headers })).status).toBe(406);
    });

    it('knows no session but those that are open', async () => {
      const unknown = await gateway.post(request('ping', 2), {}, '/messages?sessionId=nope');
      expect([unknown.status, unknown.text]).toEqual([404, '']);
      expect((await gateway.post(request('ping', 2), {}, '/messages')).status).toBe(400);
      const [id] = gateway.connections;
      expect((await gateway.post(request('ping', 2), {}, `/messages?sessionId=${id}`)).status).toBe(404);
    });

    it('takes messages from nobody but whoever opened the stream', async () => {
      const principal = (subject: string): Principal => ({ ...ANONYMOUS, method: 'test', subject });
      const authenticate = vi.spyOn(gateway.app.get(AuthService), 'authenticate');
      authenticate.mockImplementation(({ headers }) => principal(String(headers['authorization'])));
      const mine = await SseClient.open(gateway, '/sse', { authorization: 'me' });
      expect((await mine.post(initialize(), { authorization: 'you' })).status).toBe(404);
      expect(await mine.ask(initialize())).toMatchObject({ id: 0, result: {} });

      authenticate.mockRejectedValue(new GatewayError('origin_refused', 'nobody'));
      expect((await mine.post(request('ping', 1))).status).toBe(403);
      expect((await gateway.http('GET', { path: '/sse' })).status).toBe(403);
      authenticate.mockRestore();
    });

    it('answers what is no message 400 and leaves the stream alone', async () => {
      const client = await SseClient.introduced(gateway);
      for (const [body, code] of [
        ['!{oops', -32700],
        ['', -32700],
        ['null', -32600],
        ['[]', -32600],
        ['{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600],
        ['{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600],
      ] as const) {
        const answer = await client.post(body);
        expect([answer.status, answer.json]).toMatchObject([400, { error: { code } }]);
        expect(answer.json).toHaveProperty('id', body.includes('"id":1') ? 1 : null);
      }
      for (const type of [undefined, 'text/plain']) {
        expect((await client.post(request('ping', 1), { 'content-type': type })).status).toBe(400);
      }
      expect((await client.post(request('ping', 1), { 'content-encoding': 'gzip' })).status).toBe(400);
      expect((await client.post(`"${'x'.repeat(70_000)}"`)).status).toBe(413);
      expect(await client.ask(request('ping', 2))).toMatchObject({ id: 2 });
    });

    it('answers bad params of a request on the stream, and those of a notification not at all', async () => {
      const client = await SseClient.introduced(gateway);
      expect(await client.ask(request('tools/call', 5, { _meta: 7 }))).toMatchObject({
        id: 5,
        error: { code: -32602 },
      });
      expect((await client.post({ jsonrpc: '2.0', method: 'notifications/x', params: { _meta: 7 } })).status).toBe(202);
      expect(await client.ask(request('ping', 6))).toMatchObject({ id: 6 });
    });

    it('lets in no more than it has room for, of whatever transport', async () => {
      const first = await SseClient.open(gateway);
      await gateway.connect();
      await SseClient.open(gateway);
      const refused = await gateway.http('GET', { path: '/sse' });
      expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
      first.close();
      await until(() => gateway.connections.length === 2, 'the place to be free');
      await SseClient.open(gateway);
    });

    it('lets in no more sessions than are kept', async () => {
      const small = await DownstreamApp.start({ SessionSection: { maxSessions: 1 } });
      await SseClient.open(small);
      expect(await small.http('GET', { path: '/sse' })).toMatchObject({
        status: 503,
        json: { error: { data: { reason: 'limit_sessions' } } },
      });
      await small.stop();
    });
  });

  describe('the drain', () => {
    it('answers what is in flight on the stream before it ends, and opens no other', async () => {
      const { promise, resolve } = Promise.withResolvers<McpReply>();
      gateway.routes.handler = () => promise;
      const idle = await SseClient.introduced(gateway);
      const client = await SseClient.introduced(gateway);
      await client.post(call('slow', 1));
      await until(() => gateway.downstream.inFlight === 1, 'the call to arrive');

      const drained = gateway.downstream.drain(10_000);
      await idle.closed;
      expect((await gateway.http('GET', { path: '/sse' })).status).toBe(503);
      expect(await client.ask(call('x', 2))).toMatchObject({ id: 2, error: { data: { reason: 'gateway_draining' } } });
      resolve(result({ done: true }));
      expect(await client.next()).toMatchObject({ id: 1, result: { done: true } });
      await client.closed;
      expect(await drained).toBe(true);
    });
  });

  describe('a client that never says anything', () => {
    it('is not waited for', async () => {
      const impatient = await DownstreamApp.start({ ServerSection: { headersTimeout: 50 } });
      const silent = await SseClient.open(impatient);
      await silent.closed;
      const speaker = await impatient.open('GET', { path: '/sse' });
      await once(speaker, 'data');
      expect(impatient.connections).toHaveLength(1);
      await impatient.stop();
    });
  });
});
