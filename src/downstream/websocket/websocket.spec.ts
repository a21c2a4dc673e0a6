import { Params, errorReply, result, type InterimMessage, type McpReply } from '../../core/message.js';
import { readParams } from '../../protocol/index.js';
import {
  call,
  cancelled,
  DownstreamApp,
  initialize,
  request,
  type Json,
  type WsClient,
} from '../../../test/support/downstream.js';
import { until } from '../../../test/support/until.js';

const ERROR = { error: expect.any(Object) as unknown };

function notification(method: string, params: Json): InterimMessage {
  const bytes = Buffer.from(JSON.stringify(params));
  const read: unknown = readParams(bytes);
  return { kind: 'notification', method, params: read instanceof Params ? read : undefined };
}

/** Never answers by itself. */
function held(): { promise: Promise<McpReply>; release: (reply: McpReply) => void } {
  const { promise, resolve } = Promise.withResolvers<McpReply>();
  return { promise, release: resolve };
}

describe('MCP over WebSocket', () => {
  let gateway: DownstreamApp;

  beforeEach(async () => {
    gateway = await DownstreamApp.start({ ServerSection: { maxInFlight: 4, maxBodyBytes: 65_536 } });
  });
  afterEach(() => gateway.stop());

  describe('the introduction', () => {
    it('is answered from what the route knows, under the subprotocol mcp or none', async () => {
      for (const protocols of [['mcp'], []]) {
        const client = await gateway.connect('/mcp', { protocols });
        expect(client.socket.protocol).toBe(protocols[0] ?? '');
        expect(await client.ask(initialize())).toEqual({
          jsonrpc: '2.0',
          id: 0,
          result: {
            protocolVersion: '2025-11-25',
            capabilities: { tools: {}, logging: {} },
            serverInfo: { name: 'gw', version: '1.0.0' },
            instructions: 'Be kind.',
          },
        });
      }
    });

    it('offers the newest revision to whoever asks for an unknown one, and echoes a known one', async () => {
      const revisionFor = async (asked: string) => {
        const { result } = await (await gateway.connect()).ask(initialize(asked));
        return (result as Json)['protocolVersion'];
      };
      expect(await revisionFor('2031-01-01')).toBe('2025-11-25');
      expect(await revisionFor('2026-07-28')).toBe('2025-11-25');
      expect(await revisionFor('2024-11-05')).toBe('2024-11-05');
    });

    it('happens once', async () => {
      const client = await gateway.introduced();
      expect(await client.ask(initialize('2025-11-25', 2))).toMatchObject({ id: 2, error: { code: -32600 } });
    });

    it('comes before anything but ping', async () => {
      const client = await gateway.connect();
      expect(await client.ask(request('ping', 'p1'))).toEqual({ jsonrpc: '2.0', id: 'p1', result: {} });
      expect(await client.ask(request('tools/list', 1))).toMatchObject({ id: 1, error: { code: -32600 } });
      expect(await client.ask(request('server/discover', 2))).toMatchObject({ id: 2, error: { code: -32601 } });
      expect(gateway.routes.seen).toEqual([]);
    });

    it('lets requests in before the client says that it is initialized', async () => {
      const client = await gateway.introduced();
      expect(await client.ask(request('tools/list', 1))).toMatchObject({ id: 1, result: { ok: true } });
    });

    it('is served for one group under its own path', async () => {
      const client = await gateway.connect('/mcp/crm');
      await client.ask(initialize());
      await client.ask(call('echo', 1));
      expect(gateway.routes.seen[0]?.exchange.route).toBe('crm');
    });
  });

  describe('replies', () => {
    it('carry ids of the same value and type, digit for digit', async () => {
      const client = await gateway.introduced();
      for (const id of ['0', '""', '"0"', '-7', '9007199254740991', String.raw`"\u0031é"`]) {
        client.send(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`);
        expect(await client.nextText()).toBe(`{"jsonrpc":"2.0","id":${id},"result":{}}`);
      }
    });

    it('pass on an error of an upstream as it is', async () => {
      gateway.routes.handler = () => Promise.resolve(errorReply(-32042, 'Sign in first', { elicitations: [] }));
      const client = await gateway.introduced();
      expect(await client.ask(call('login', 13))).toEqual({
        jsonrpc: '2.0',
        id: 13,
        error: { code: -32042, message: 'Sign in first', data: { elicitations: [] } },
      });
      expect(gateway.outcome('tools/call')).toEqual(['200 upstream_error']);
    });

    it('say nothing about a fault of ours but that it was one', async () => {
      gateway.routes.handler = () => Promise.reject(new Error('/etc/secret of host db1'));
      const client = await gateway.introduced();
      expect(await client.ask(call('x', 1))).toEqual({
        jsonrpc: '2.0',
        id: 1,
        error: { code: -32603, message: 'internal error', data: { reason: 'gateway_fault' } },
      });
      expect(gateway.outcome('tools/call')).toEqual(['500 gateway_fault']);
    });

    it('refuse unknown methods and bad params by themselves', async () => {
      const client = await gateway.introduced();
      expect(await client.ask(request('nope', 1))).toMatchObject({ id: 1, error: { code: -32601 } });
      expect(await client.ask(request('sampling/createMessage', 2))).toMatchObject({ error: { code: -32601 } });
      expect(await client.ask(request('logging/setLevel', 14, { level: 'loud' }))).toMatchObject({
        id: 14,
        error: { code: -32602, message: 'Invalid level' },
      });
      expect(gateway.routes.seen).toEqual([]);
      expect(gateway.outcome('nope')).toEqual(['404 protocol_unknown_method']);
    });

    it('are refused for a route that a reload took away', async () => {
      const client = await gateway.introduced();
      gateway.routes.remove('/mcp');
      expect(await client.ask(call('x', 1))).toMatchObject({ error: { data: { reason: 'route_unknown' } } });
    });
  });

  describe('what is not a message', () => {
    it('is answered without an id where none was readable', async () => {
      const client = await gateway.introduced();
      for (const [text, code] of [
        ['!{oops', -32700],
        ['null', -32600],
        ['[]', -32600],
        ['{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600],
        [`${'['.repeat(200)}${']'.repeat(200)}`, -32700],
      ] as const) {
        const answer = await client.ask(text);
        expect(answer).toMatchObject({ jsonrpc: '2.0', error: { code } });
        expect(answer).not.toHaveProperty('id');
      }
      expect(await client.ask(request('ping', 1))).toHaveProperty('result');
    });

    it('is refused when nested too deeply, and the id is safe', async () => {
      const client = await gateway.introduced();
      const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
      client.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":${deep}}}`);
      expect(await client.next()).toMatchObject(ERROR);
      expect(gateway.routes.seen).toEqual([]);
    });

    it('closes the connection when it is binary, not UTF-8, or too large', async () => {
      const closeCode = async (send: (client: WsClient) => void) => {
        const client = await gateway.introduced();
        send(client);
        return client.closed;
      };
      expect(await closeCode((client) => client.socket.send(Buffer.from('{}')))).toBe(1003);
      expect(await closeCode((client) => client.socket.send(Buffer.from([0xff]), { binary: false }))).toBe(1007);
      expect(await closeCode((client) => client.send('x'.repeat(65_537)))).toBe(1009);
    });

    it('is ignored when it is a reply that nobody waits for, or an unknown notification', async () => {
      const client = await gateway.introduced();
      client.send({ jsonrpc: '2.0', id: 1, result: {} });
      client.send({ jsonrpc: '2.0', method: 'notifications/whatever', params: { a: 1 } });
      client.send({ jsonrpc: '2.0', method: 'notifications/roots/list_changed', params: { _meta: 7 } });
      expect(await client.ask(request('ping', 2))).toMatchObject({ id: 2, result: {} });
    });
  });

  describe('batches', () => {
    it('are answered in the order of the requests, by the one revision that has them', async () => {
      const slow = held();
      gateway.routes.handler = (asked) =>
        asked.params?.text('name') === 'slow' ? slow.promise : Promise.resolve(result({ fast: true }));
      const client = await gateway.introduced('2025-03-26');
      client.send([
        call('slow', 1),
        { jsonrpc: '2.0', method: 'notifications/initialized' },
        request('nope', 2),
        call('fast', 3),
        { jsonrpc: '2.0', id: null, method: 'ping' },
      ]);
      slow.release(result({ slow: true }));
      const answer = (await client.next()) as unknown as Json[];
      expect(answer).toMatchObject([
        { id: 1, result: { slow: true } },
        { id: 2, error: { code: -32601 } },
        { id: 3, result: { fast: true } },
        { error: { code: -32600 } },
      ]);
      expect(answer[3]).not.toHaveProperty('id');
    });

    it('are refused whole with an introduction in them, or requests beside replies', async () => {
      const client = await gateway.introduced('2025-03-26');
      for (const batch of [
        [initialize(), request('ping', 1)],
        [{ jsonrpc: '2.0', id: 5, result: {} }, request('ping', 1)],
      ]) {
        const answer = await client.ask(batch);
        expect(answer).toMatchObject({ error: { code: -32600 } });
        expect(answer).not.toHaveProperty('id');
      }
    });

    it('leave nothing to say when all of it is cancelled or a notification', async () => {
      gateway.routes.handler = () => held().promise;
      const client = await gateway.introduced('2025-03-26');
      client.send([{ jsonrpc: '2.0', method: 'notifications/initialized' }]);
      client.send([call('slow', 1)]);
      client.send(cancelled(1));
      expect(await client.ask(request('ping', 2))).toMatchObject({ id: 2, result: {} });
    });
  });

  describe('requests in flight', () => {
    it('keep an id to themselves: a second request under it is refused without it', async () => {
      const slow = held();
      gateway.routes.handler = () => slow.promise;
      const client = await gateway.introduced();
      client.send(call('slow', 9));
      for (const method of ['tools/list', 'ping', 'nope']) {
        const refused = await client.ask(request(method, 9));
        expect(refused).toMatchObject({ error: { code: -32600, data: { id: 9 } } });
        expect(refused).not.toHaveProperty('id');
      }
      expect(await client.ask(request('ping', '9'))).toMatchObject({ id: '9', result: {} });
      slow.release(result({ first: true }));
      expect(await client.next()).toMatchObject({ id: 9, result: { first: true } });
    });

    it('are bounded per connection', async () => {
      const slow = held();
      gateway.routes.handler = () => slow.promise;
      const client = await gateway.introduced();
      for (let id = 1; id <= 4; id++) client.send(call('slow', id));
      expect(await client.ask(call('slow', 5))).toMatchObject({
        id: 5,
        error: { data: { reason: 'limit_in_flight' } },
      });
      slow.release(result({}));
      for (let id = 1; id <= 4; id++) expect(await client.next()).toMatchObject({ id, result: {} });
      expect(await client.ask(call('slow', 6))).toMatchObject({ id: 6, result: {} });
    });

    it('are answered to the one who asked, whatever ids others use', async () => {
      gateway.routes.handler = (asked) => Promise.resolve(result({ to: asked.params?.text('name') ?? '' }));
      const clients = await Promise.all(Array.from({ length: 5 }, () => gateway.introduced()));
      const answers = await Promise.all(clients.map((client, index) => client.ask(call(`c${index}`, 1))));
      expect(answers.map(({ result }) => (result as Json)['to'])).toEqual(['c0', 'c1', 'c2', 'c3', 'c4']);
    });

    it('end without another word when the client cancels them', async () => {
      const slow = held();
      gateway.routes.handler = () => slow.promise;
      const client = await gateway.introduced();
      client.send(call('export', 11));
      await until(() => gateway.routes.seen.length === 1, 'the request to arrive');
      const { exchange } = gateway.routes.seen[0]!;
      const { signal } = exchange;
      for (const other of ['11', 12, 1]) client.send(cancelled(other));
      await client.ask(request('ping', 1));
      expect(signal.aborted).toBe(false);
      client.send(cancelled(11));
      await client.ask(request('ping', 2));
      expect(signal.aborted).toBe(true);
      slow.release(result({ late: true }));
      exchange.deliver(notification('notifications/message', { level: 'error', data: 1 }));
      expect(await client.ask(request('ping', 3))).toMatchObject({ id: 3 });
      expect(gateway.outcome('tools/call')).toEqual(['499 exchange_cancelled']);
    });

    it('cannot be cancelled by anybody else', async () => {
      const slow = held();
      gateway.routes.handler = () => slow.promise;
      const [owner, stranger] = [await gateway.introduced(), await gateway.introduced()];
      owner.send(call('slow', 1));
      await until(() => gateway.routes.seen.length === 1, 'the request to arrive');
      stranger.send(cancelled(1));
      await stranger.ask(request('ping', 5));
      slow.release(result({ mine: true }));
      expect(await owner.next()).toMatchObject({ id: 1, result: { mine: true } });
    });

    it('are cancelled when the client is gone', async () => {
      gateway.routes.handler = () => held().promise;
      const client = await gateway.introduced();
      client.send(call('slow', 1));
      client.send(call('slow', 2));
      await until(() => gateway.routes.seen.length === 2, 'the requests to arrive');
      const signals = gateway.routes.seen.map(({ exchange }) => exchange.signal);
      client.socket.terminate();
      await until(() => gateway.outcomes.length === 3, 'the exchanges to end');
      expect(signals.every(({ aborted }) => aborted)).toBe(true);
      expect(gateway.outcome('tools/call')).toEqual(['499 exchange_cancelled', '499 exchange_cancelled']);
      expect(gateway.connections).toEqual([]);
    });
  });

  describe('what comes before the reply', () => {
    const asking = (progressToken: unknown) => ({ _meta: { progressToken } });

    it('is progress under the client’s own token, with its type', async () => {
      const replies: ReturnType<typeof held>[] = [];
      gateway.routes.handler = () => {
        replies.push(held());
        return replies.at(-1)!.promise;
      };
      const [a, b] = [await gateway.introduced(), await gateway.introduced()];
      a.send(call('a', 1, asking(1)));
      b.send(call('a', 1, asking('1')));
      await until(() => gateway.routes.seen.length === 2, 'both requests to arrive');
      for (const { exchange } of gateway.routes.seen) {
        expect(exchange.wantsProgress).toBe(true);
        exchange.deliver(
          notification('notifications/progress', { progressToken: 42, progress: 5, total: 9, 'x-y': [1] }),
        );
      }
      const progress = (progressToken: unknown) => ({
        jsonrpc: '2.0',
        method: 'notifications/progress',
        params: { progressToken, progress: 5, total: 9, 'x-y': [1] },
      });
      expect(await a.next()).toEqual(progress(1));
      expect(await b.next()).toEqual(progress('1'));
      replies.forEach(({ release }) => release(result({})));
      expect(await a.next()).toMatchObject({ id: 1, result: {} });
      for (const { exchange } of gateway.routes.seen) {
        exchange.deliver(notification('notifications/progress', { progressToken: 42, progress: 6 }));
      }
      expect(await a.ask(request('ping', 2))).toMatchObject({ id: 2 });
    });

    it('is no progress for a client that did not ask', async () => {
      gateway.routes.handler = (_, exchange) => {
        exchange.deliver(notification('notifications/progress', { progressToken: 42, progress: 5 }));
        return Promise.resolve(result({ wanted: exchange.wantsProgress }));
      };
      const client = await gateway.introduced();
      expect(await client.ask(call('a', 1))).toMatchObject({ id: 1, result: { wanted: false } });
    });

    it('is every log message that is severe enough for the client', async () => {
      gateway.routes.handler = (_, exchange) => {
        for (const level of ['debug', 'info', 'warning', 'error']) {
          exchange.deliver(notification('notifications/message', { level, data: 'x' }));
        }
        return Promise.resolve(result({}));
      };
      const client = await gateway.introduced();
      const levels = async () => {
        client.send(call('a', 1));
        const heard: unknown[] = [];
        for (let next = await client.next(); 'method' in next; next = await client.next()) {
          heard.push((next['params'] as Json)['level']);
        }
        return heard;
      };
      expect(await levels()).toEqual(['info', 'warning', 'error']);
      gateway.routes.seen.at(-1)!.exchange.stay.logLevel = 'error';
      expect(await levels()).toEqual(['error']);
      gateway.routes.seen.at(-1)!.exchange.stay.logLevel = 'debug';
      expect(await levels()).toEqual(['debug', 'info', 'warning', 'error']);
    });
  });
});
