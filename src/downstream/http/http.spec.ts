import { once } from 'node:events';

import { Params, errorReply, result, type InterimMessage, type McpReply } from '../../core/message.js';
import { CONNECTION_REGISTRY, type ConnectionRegistry } from '../../core/views.js';
import { readParams } from '../../protocol/index.js';
import {
  call,
  cancelled,
  DownstreamApp,
  eventsOf,
  initialize,
  postOf,
  request,
  type Json,
} from '../../../test/support/downstream.js';
import { until } from '../../../test/support/until.js';

const TOKEN = /^[\x21-\x7e]{64,}$/;

function progress(value: number): InterimMessage {
  const read: unknown = readParams(Buffer.from(JSON.stringify({ progressToken: 42, progress: value })));
  return { kind: 'notification', method: 'notifications/progress', params: read instanceof Params ? read : undefined };
}

describe('MCP over Streamable HTTP', () => {
  let gateway: DownstreamApp;

  beforeEach(async () => {
    gateway = await DownstreamApp.start({
      ServerSection: { maxInFlight: 4, maxBodyBytes: 65_536 },
      SessionSection: { maxSessions: 3 },
    });
  });
  afterEach(() => gateway.stop());

  describe('the introduction', () => {
    it('gives out a session, and says nothing about other origins', async () => {
      const answer = await gateway.post(initialize());
      expect(answer.status).toBe(200);
      expect(answer.headers['mcp-session-id']).toMatch(TOKEN);
      expect(answer.headers['content-type']).toBe('application/json');
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
      expect(answer.headers).not.toHaveProperty('x-powered-by');
      expect(answer.json).toEqual({
        jsonrpc: '2.0',
        id: 0,
        result: {
          protocolVersion: '2025-11-25',
          capabilities: { tools: {}, logging: {} },
          serverInfo: { name: 'gw', version: '1.0.0' },
          instructions: 'Be kind.',
        },
      });
      const session = { 'mcp-session-id': answer.headers['mcp-session-id'], 'mcp-protocol-version': '2025-11-25' };
      const initialized = await gateway.post({ jsonrpc: '2.0', method: 'notifications/initialized' }, session);
      expect([initialized.status, initialized.text]).toEqual([202, '']);
    });

    it('offers the newest revision to whoever asks for an unknown one, and echoes a known one', async () => {
      const revisionFor = async (asked: string) =>
        ((await gateway.post(initialize(asked))).json['result'] as Json)['protocolVersion'];
      expect(await revisionFor('2031-01-01')).toBe('2025-11-25');
      expect(await revisionFor('2024-11-05')).toBe('2024-11-05');
    });

    it('happens once in a session', async () => {
      const session = await gateway.session();
      const again = await gateway.post(initialize(), session);
      expect([again.status, again.json]).toMatchObject([400, { id: 0, error: { code: -32600 } }]);
    });

    it('is refused with 503 while there are too many sessions and all are busy', async () => {
      const first = await gateway.session();
      for (const session of [first, await gateway.session(), await gateway.session()]) {
        await gateway.open('GET', { headers: { ...session, accept: 'text/event-stream' } });
      }
      const refused = await gateway.post(initialize());
      expect([refused.status, refused.json]).toMatchObject([
        503,
        { id: 0, error: { data: { reason: 'limit_sessions' } } },
      ]);
      expect(refused.headers).toHaveProperty('retry-after');
      expect(refused.headers).not.toHaveProperty('mcp-session-id');
      await gateway.http('DELETE', { headers: first });
      expect((await gateway.post(initialize())).status).toBe(200);
    });
  });

  describe('sessions', () => {
    it('are required for everything but an introduction', async () => {
      const version = { 'mcp-protocol-version': '2025-11-25' };
      for (const message of [request('tools/list', 2), request('ping', 2)]) {
        const answer = await gateway.post(message, version);
        expect([answer.status, answer.json]).toMatchObject([400, { id: 2, error: { code: -32000 } }]);
      }
      const note = await gateway.post({ jsonrpc: '2.0', method: 'notifications/initialized' }, version);
      expect([note.status, note.json]).toMatchObject([400, { id: null }]);
    });

    it('are unknown under any other id', async () => {
      const { 'mcp-session-id': token } = await gateway.session();
      for (const id of ['gone', '__proto__', '../x', `${token}A`, String(token).slice(1)]) {
        const answer = await gateway.post(request('tools/list', 3), { 'mcp-session-id': id });
        expect([answer.status, answer.json]).toMatchObject([404, { id: 3, error: { code: -32001 } }]);
      }
    });

    it('are refused when their id stands twice', async () => {
      const { 'mcp-session-id': token } = await gateway.session();
      const answer = await gateway.post(request('ping', 1), { 'mcp-session-id': [token, token] });
      expect(answer.status).toBe(400);
    });

    it('are unknown by any other address than the one where they began', async () => {
      const session = await gateway.session();
      const elsewhere = await gateway.post(request('ping', 1), session, '/mcp/crm');
      expect([elsewhere.status, elsewhere.json]).toMatchObject([404, { id: 1, error: { code: -32001 } }]);
      for (const method of ['GET', 'DELETE']) {
        const headers = { ...session, accept: 'text/event-stream' };
        expect((await gateway.http(method, { path: '/mcp/crm', headers })).status).toBe(404);
      }
      expect((await gateway.post(request('ping', 2), session)).status).toBe(200);
    });

    it('end with DELETE, and are unknown from then on', async () => {
      const session = await gateway.session();
      gateway.routes.handler = () => new Promise(() => undefined);
      const waiting = gateway.post(call('slow', 1), session);
      await until(() => gateway.routes.seen.length === 1, 'the request to arrive');
      const stream = await gateway.open('GET', { headers: { ...session, accept: 'text/event-stream' } });
      const streamEnded = once(stream.resume(), 'end');
      const ended = await gateway.http('DELETE', { headers: session });
      expect([ended.status, ended.text]).toEqual([200, '']);
      await streamEnded;
      expect(eventsOf((await waiting).text)).toEqual([]);
      expect(gateway.outcome('tools/call')).toEqual(['499 exchange_cancelled']);
      const answer = await gateway.post(request('ping', 10), session);
      expect([answer.status, answer.json]).toMatchObject([404, { id: 10, error: { code: -32001 } }]);
      expect((await gateway.http('DELETE', { headers: session })).status).toBe(404);
      expect(gateway.connections).toEqual([]);
    });

    it('are listed without their secret, and ended when an operator says so', async () => {
      const session = await gateway.session();
      const registry = gateway.app.get<ConnectionRegistry>(CONNECTION_REGISTRY);
      const [view] = registry.list();
      expect(view).toMatchObject({
        transport: 'streamable_http',
        route: 'mcp',
        revision: '2025-11-25',
        client: 'desk 2',
      });
      expect(JSON.stringify(view)).not.toContain(session['mcp-session-id']);
      expect(registry.close(view!.id)).toBe(true);
      expect((await gateway.post(request('ping', 1), session)).status).toBe(404);
    });
  });

  describe('batches', () => {
    it('are answered in the order of the requests, by the one revision that has them', async () => {
      const session = await gateway.session('2025-03-26');
      const answer = await gateway.post(
        [request('ping', 5), { jsonrpc: '2.0', method: 'notifications/initialized' }, request('nope', 6)],
        session,
      );
      expect([answer.status, answer.json]).toMatchObject([
        200,
        [
          { id: 5, result: {} },
          { id: 6, error: { code: -32601 } },
        ],
      ]);
      const note = await gateway.post([{ jsonrpc: '2.0', method: 'notifications/initialized' }], session);
      expect(note.status).toBe(202);
    });

    it('are refused by all others, and with an introduction in them', async () => {
      const session = await gateway.session('2025-06-18');
      const batch = await gateway.post([request('ping', 5)], session);
      expect([batch.status, batch.json]).toMatchObject([400, { id: null, error: { code: -32600 } }]);
      const init = await gateway.post([initialize('2025-03-26'), request('ping', 8)]);
      expect([init.status, init.json]).toMatchObject([400, { id: null, error: { code: -32600 } }]);
      const homeless = await gateway.post([request('ping', 8)]);
      expect([homeless.status, homeless.json]).toMatchObject([400, { id: null, error: { code: -32000 } }]);
    });
  });

  describe('requests', () => {
    const asking = { _meta: { progressToken: 'p' } };

    it('are answered with plain JSON when the reply is all there is to say', async () => {
      const session = await gateway.session();
      gateway.routes.handler = (asked) =>
        Promise.resolve(asked.params?.text('name') === 'bad' ? errorReply(-32000, 'no') : result({ a: 1 }));
      const answer = await gateway.post(call('good', 1), session);
      expect([answer.status, answer.headers['content-type'], answer.json]).toMatchObject([
        200,
        'application/json',
        { id: 1, result: { a: 1 } },
      ]);
      expect((await gateway.post(call('bad', 2), session)).json).toMatchObject({ id: 2, error: { code: -32000 } });
    });

    it('are answered with a stream when something comes before the reply', async () => {
      const session = await gateway.session();
      gateway.routes.handler = (_, exchange) => {
        exchange.deliver(progress(1));
        exchange.deliver(progress(2));
        return Promise.resolve({ kind: 'result', json: { bytes: Buffer.from('{\n "a":\r\n 1 }') } } as McpReply);
      };
      const answer = await gateway.post(call('x', 1, asking), session);
      expect(answer.status).toBe(200);
      expect(answer.headers).toMatchObject({
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
      });
      expect(eventsOf(answer.text)).toMatchObject([
        { method: 'notifications/progress', params: { progressToken: 'p', progress: 1 } },
        { method: 'notifications/progress', params: { progressToken: 'p', progress: 2 } },
        { id: 1, result: { a: 1 } },
      ]);
    });

    it('are answered with JSON alone for a client that does not list event streams', async () => {
      const session = await gateway.session();
      gateway.routes.handler = (_, exchange) => {
        exchange.deliver(progress(1));
        return Promise.resolve(result({}));
      };
      const answer = await gateway.post(call('x', 1, asking), { ...session, accept: undefined });
      expect(answer.json).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
    });

    it('keep ids apart by session and by type', async () => {
      gateway.routes.handler = (asked) => Promise.resolve(result({ to: asked.params?.text('name') ?? '' }));
      const [a, b] = [await gateway.session(), await gateway.session()];
      const answers = await Promise.all([
        gateway.post(call('a', 1), a),
        gateway.post(call('b', 1), b),
        gateway.post(call('c', '1'), a),
      ]);
      expect(answers.map(({ json }) => [json['id'], (json['result'] as Json)['to']])).toEqual([
        [1, 'a'],
        [1, 'b'],
        ['1', 'c'],
      ]);
    });

    it('are refused under an id that is in flight, and beyond the limit', async () => {
      const session = await gateway.session();
      const { promise, resolve } = Promise.withResolvers<McpReply>();
      gateway.routes.handler = () => promise;
      const waiting = [1, 2, 3, 4].map((id) => gateway.post(call('slow', id), session));
      await until(() => gateway.routes.seen.length === 4, 'the requests to arrive');
      const twice = await gateway.post(call('x', 1), session);
      expect([twice.status, twice.json]).toMatchObject([400, { error: { code: -32600 } }]);
      const many = await gateway.post(call('x', 5), session);
      expect([many.status, many.json]).toMatchObject([429, { id: 5, error: { data: { reason: 'limit_in_flight' } } }]);
      expect(many.headers['retry-after']).toBe('1');
      resolve(result({ done: true }));
      for (const answer of await Promise.all(waiting)) expect(answer.json).toMatchObject({ result: { done: true } });
    });

    it('are cancelled by their own session only', async () => {
      const [owner, stranger] = [await gateway.session(), await gateway.session()];
      gateway.routes.handler = () => new Promise(() => undefined);
      const waiting = gateway.post(call('slow', 1), owner);
      await until(() => gateway.routes.seen.length === 1, 'the request to arrive');
      const { signal } = gateway.routes.seen[0]!.exchange;
      expect((await gateway.post(cancelled(1), stranger)).status).toBe(202);
      expect((await gateway.post(cancelled('1'), owner)).status).toBe(202);
      expect(signal.aborted).toBe(false);
      expect((await gateway.post(cancelled(1), owner)).status).toBe(202);
      expect(signal.aborted).toBe(true);
      expect(eventsOf((await waiting).text)).toEqual([]);
    });

    it('are carried through when the client hangs up, because that cancels nothing', async () => {
      const session = await gateway.session();
      const slow = Promise.withResolvers<McpReply>();
      gateway.routes.handler = () => slow.promise;
      const hangUp = new AbortController();
      const waiting = gateway.http('POST', { ...postOf(call('slow', 1), session), signal: hangUp.signal });
      await until(() => gateway.routes.seen.length === 1, 'the request to arrive');
      hangUp.abort();
      await expect(waiting).rejects.toThrow();
      await gateway.post(request('ping', 2), session);
      expect(gateway.routes.seen[0]!.exchange.signal.aborted).toBe(false);
      slow.resolve(result({}));
      await until(() => gateway.outcome('tools/call').length === 1, 'the exchange to end');
      expect(gateway.outcome('tools/call')).toEqual(['200 -']);
    });

    it('cut a client off that lets its stream pile up', async () => {
      await gateway.stop();
      gateway = await DownstreamApp.start({ ServerSection: { queueHardBytes: 262_144 } });
      const session = await gateway.session();
      const log = readParams(Buffer.from(JSON.stringify({ level: 'error', data: 'x'.repeat(65_536) })));
      gateway.routes.handler = () => new Promise(() => undefined);
      const waiting = gateway.open('POST', postOf(call('slow', 1), session));
      await until(() => gateway.routes.seen.length === 1, 'the request to arrive');
      const { exchange } = gateway.routes.seen[0]!;
      exchange.deliver({ kind: 'notification', method: 'notifications/message', params: log });
      const response = await waiting;
      response.on('error', () => undefined);
      for (let count = 0; count < 500; count++) {
        exchange.deliver({ kind: 'notification', method: 'notifications/message', params: log });
      }
      response.resume();
      await new Promise((resolve) => response.once('close', resolve));
      expect(response.complete).toBe(false);
    });

    it('drop replies that nobody waits for', async () => {
      const session = await gateway.session();
      const answer = await gateway.post({ jsonrpc: '2.0', id: 1, result: {} }, session);
      expect(answer.status).toBe(202);
      expect(gateway.dropped).toContain('stray_reply');
    });
  });

  describe('the stream of a session', () => {
    const STREAM = { accept: 'text/event-stream' };

    it('opens at once, and gives way to a newer one', async () => {
      const session = await gateway.session('2025-06-18');
      const first = await gateway.open('GET', { headers: { ...session, ...STREAM } });
      expect([first.statusCode, first.headers['content-type']]).toEqual([200, 'text/event-stream']);
      const [comment] = (await once(first, 'data')) as [Buffer];
      expect(comment.toString()).toBe(':\n\n');
      const ended = once(first, 'end');
      const second = await gateway.open('GET', { headers: { ...session, ...STREAM } });
      await ended;
      expect(second.statusCode).toBe(200);
      second.destroy();
    });

    it('belongs to a session that exists, and to a client that takes it', async () => {
      const session = await gateway.session();
      expect((await gateway.http('GET', { headers: STREAM })).status).toBe(400);
      expect((await gateway.http('GET', { headers: { ...STREAM, 'mcp-session-id': 'gone' } })).status).toBe(404);
      expect((await gateway.http('GET', { headers: { ...session, accept: 'application/json' } })).status).toBe(406);
    });
  });
});
