import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { call, cancelled, DownstreamApp, initialize, request, type Json } from '../../../test/support/downstream.js';
import { LineClient } from '../../../test/support/line-client.js';
import { envelope, MODERN, modern, modernCall, postModern } from '../../../test/support/modern.js';
import { SseClient } from '../../../test/support/sse-client.js';
import { until } from '../../../test/support/until.js';
import { InputRequest, result, type McpReply } from '../../core/message.js';
import { CONNECTION_REGISTRY, type ConnectionRegistry, type ConnectionView } from '../../core/views.js';
import { readParams } from '../../protocol/index.js';
import { UnixListener } from '../index.js';

const NO_ID = expect.not.objectContaining({ id: expect.anything() as unknown }) as unknown;

let gateway: DownstreamApp;
let directory: string;

function view(): ConnectionView {
  return gateway.app.get<ConnectionRegistry>(CONNECTION_REGISTRY).list()[0]!;
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-eras-'));
  const unixSocket = join(directory, 'mcp.sock');
  gateway = await DownstreamApp.start({ ServerSection: { maxInFlight: 3, unixSocket } });
});
afterEach(async () => {
  await gateway.stop();
  rmSync(directory, { recursive: true });
});

describe('both eras on one WebSocket', () => {
  it('are told apart message by message (G74)', async () => {
    const client = await gateway.connect();
    expect(await client.ask(modern('server/discover', 1))).toMatchObject({ id: 1, result: { resultType: 'complete' } });
    const introduced = (await client.ask(initialize('2025-11-25', 2)))['result'];
    expect(introduced).toMatchObject({ protocolVersion: '2025-11-25', serverInfo: { name: 'gw' } });
    expect(introduced).not.toHaveProperty('resultType');

    expect(await client.ask(call('t', 3))).toEqual({ jsonrpc: '2.0', id: 3, result: { ok: true } });
    expect(await client.ask(modernCall('t', 4))).toMatchObject({ id: 4, result: { ok: true, resultType: 'complete' } });
    expect(await client.ask(request('ping', 5))).toMatchObject({ id: 5, result: {} });
    expect(await client.ask(modern('ping', 6))).toMatchObject({ id: 6, error: { code: -32601 } });
    const [old, young] = gateway.routes.seen.map(({ exchange }) => exchange);
    expect([old!.peer.era, young!.peer.era]).toEqual(['legacy', 'modern']);
    expect(young!.mirrored).toBeUndefined();
    expect(young!.stay.id).not.toBe(old!.stay.id);

    expect(await client.ask('{oops')).toEqual({
      jsonrpc: '2.0',
      error: { code: -32700, message: expect.any(String) as unknown, data: { reason: 'protocol_parse_error' } },
    });
    client.socket.send(Buffer.of(1), { binary: true });
    expect(await client.closed).toBe(1003);
  });

  it('have one set of ids between them: one in use is refused without it (G75)', async () => {
    const client = await gateway.introduced();
    const replies: PromiseWithResolvers<McpReply>[] = [];
    gateway.routes.handler = () => {
      replies.push(Promise.withResolvers());
      return replies.at(-1)!.promise;
    };
    client.send(modernCall('crm__slow', 9));
    client.send(call('crm__slow', '9'));
    await until(() => replies.length === 2, 'both calls to arrive');
    for (const twice of [modern('tools/list', 9), request('tools/list', 9), modernCall('t', '9'), call('t', '9')]) {
      const refused = await client.ask(twice);
      expect(refused).toEqual(NO_ID);
      expect(refused).toMatchObject({ error: { code: -32600, data: { id: twice['id'] } } });
    }
    expect(gateway.dropped).toEqual(Array(4).fill('duplicate_id'));
    replies[0]!.resolve(result({ first: true }));
    expect(await client.next()).toMatchObject({ id: 9, result: { first: true } });
    replies[1]!.resolve(result({ second: true }));
    expect(await client.next()).toMatchObject({ id: '9', result: { second: true } });
  });

  it('are cancelled by notification, with or without an envelope, and by the end of the connection', async () => {
    const client = await gateway.connect();
    gateway.routes.handler = () => new Promise(() => undefined);
    for (const id of [1, 2, 3]) client.send(modernCall('slow', id, { progressToken: id }));
    await until(() => gateway.routes.seen.length === 3, 'the calls to arrive');
    const signals = gateway.routes.seen.map(({ exchange }) => exchange.signal);
    expect(await client.ask(modernCall('t', 4))).toMatchObject({ error: { data: { reason: 'limit_in_flight' } } });

    const reason = { requestId: 1, reason: 'enough' };
    client.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { ...reason, _meta: envelope() } });
    client.send(cancelled(2));
    await until(() => signals[1]!.aborted, 'the second call to be cancelled');
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, false]);
    expect(signals[0]!.reason).toMatchObject({ reason: 'enough' });
    client.socket.close();
    await until(() => signals[2]!.aborted, 'the third call to be cancelled');
    expect(gateway.outcome('tools/call').slice(1)).toEqual(Array(3).fill('499 exchange_cancelled'));
    expect(gateway.downstream.inFlight).toBe(0);
  });

  it('keep what is asked of the one from the other', async () => {
    const client = await gateway.introduced('2025-11-25', '/mcp', { elicitation: {} });
    const { promise, resolve } = Promise.withResolvers<McpReply>();
    gateway.routes.handler = () => promise;
    client.send(modernCall('t', 1));
    await until(() => gateway.routes.seen.length === 1, 'the call to arrive');
    const { exchange } = gateway.routes.seen[0]!;
    const { deadline } = exchange;
    const asker = { answered: vi.fn(), refused: vi.fn(), progressed: vi.fn(), onWithdrawn: vi.fn() };
    const schema = '{"message":"?","requestedSchema":{"type":"object","properties":{}}}';
    gateway.stays()[0]!.deliver(new InputRequest('elicitation/create', readParams(Buffer.from(schema)), asker));
    const asked = await client.next();
    expect([asked['method'], exchange.deadline]).toEqual(['elicitation/create', deadline]);
    resolve(result({}));
    expect(await client.next()).toMatchObject({ id: 1, result: {} });
    client.send({ jsonrpc: '2.0', id: asked['id'], result: { action: 'cancel' } });
    await vi.waitUntil(() => asker.answered.mock.calls.length === 1);
  });

  it('are refused when their envelope is wrong, with the id', async () => {
    const client = await gateway.connect();
    const wrong: [Json, number][] = [
      [modern('tools/list', 1, {}, { capabilities: undefined }), -32602],
      [modern('tools/list', 1, {}, { version: '2027-01-01' }), -32022],
      [modern('tools/list', 1, {}, { version: 7 }), -32602],
      [modern('tools/list', 1, { cursor: 7 }), -32602],
    ];
    for (const [message, code] of wrong) expect(await client.ask(message)).toMatchObject({ id: 1, error: { code } });
    expect(await client.ask([modern('tools/list', 1)])).toEqual(NO_ID);
  });

  it('show in the list of connections as what was spoken, the introduction first', async () => {
    const client = await gateway.connect();
    expect(view()).toMatchObject({ era: undefined, revision: undefined, client: undefined });
    await client.ask(modernCall('t', 1, { clientInfo: { name: 'ide', version: '3' } }));
    expect(view()).toMatchObject({ era: 'modern', revision: MODERN, client: 'ide 3', requests: 1, pending: 0 });
    await client.ask(modern('tools/list', 1, {}, { capabilities: 7 }));
    expect(view()).toMatchObject({ client: 'ide 3', requests: 2 });
    await client.ask(initialize());
    await client.ask(modernCall('t', 2));
    expect(view()).toMatchObject({ era: 'legacy', revision: '2025-11-25', client: 'desk 2', requests: 4 });
  });

  it('lose their route alike, when a reload takes it away', async () => {
    const client = await gateway.connect();
    gateway.routes.remove('/mcp');
    for (const message of [modernCall('t', 1), modern('server/discover', 1)]) {
      expect(await client.ask(message)).toMatchObject({ id: 1, error: { data: { reason: 'route_unknown' } } });
    }
  });
});

describe('both eras elsewhere', () => {
  it('are spoken over a unix socket', async () => {
    await gateway.app.get(UnixListener).start();
    const client = await LineClient.connect(join(directory, 'mcp.sock'));
    expect(await client.ask(modernCall('t', 'a'))).toMatchObject({ id: 'a', result: { resultType: 'complete' } });
    expect(await client.ask(initialize())).toMatchObject({ id: 0, result: { protocolVersion: '2025-11-25' } });
    expect(await client.ask(modernCall('t', 'b'))).toMatchObject({ id: 'b', result: { resultType: 'complete' } });
    client.socket.destroy();
  });

  it('are spoken over HTTP+SSE, where headers say nothing', async () => {
    const client = await SseClient.open(gateway);
    expect(await client.ask(modernCall('t', 1))).toMatchObject({ id: 1, result: { resultType: 'complete' } });
    expect((await client.post(modernCall('t', 2), { 'mcp-protocol-version': MODERN })).status).toBe(202);
    expect(await client.next()).toMatchObject({ id: 2, result: { resultType: 'complete' } });
    expect(await client.ask(initialize('2024-11-05'))).toMatchObject({ result: { protocolVersion: '2024-11-05' } });
    expect(await client.ask(call('t', 3))).toEqual({ jsonrpc: '2.0', id: 3, result: { ok: true } });
    client.close();
  });

  it('are spoken over one port, request by request', async () => {
    const session = await gateway.session();
    const [young, old] = await Promise.all([
      postModern(gateway, modernCall('t', 1)),
      gateway.post(call('t', 1), session),
    ]);
    expect(young.json).toMatchObject({ id: 1, result: { ok: true, resultType: 'complete' } });
    expect(old.json).toEqual({ jsonrpc: '2.0', id: 1, result: { ok: true } });
  });
});
