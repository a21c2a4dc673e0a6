import { cancelled, DownstreamApp, eventsOf, type Json } from '../../../test/support/downstream.js';
import {
  headersOf,
  listen,
  modernCall,
  openModern,
  postModern,
  SUBSCRIPTION_ID,
} from '../../../test/support/modern.js';
import { postOf } from '../../../test/support/raw-clients.js';
import { HeardStream } from '../../../test/support/resume-bench.js';
import { until } from '../../../test/support/until.js';
import { GatewayError } from '../../core/errors.js';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { result, type McpReply } from '../../core/message.js';
import { CONNECTION_REGISTRY, type ConnectionRegistry } from '../../core/views.js';
import { ACKNOWLEDGED, readParams, TASK_CHANGED } from '../../protocol/index.js';
import { Intake } from '../intake.js';
import { Visitors } from './visitors.js';

const CHANGED = 'notifications/tools/list_changed';
const UPDATED = 'notifications/resources/updated';

let gateway: DownstreamApp;

function say(exchange: Exchange, method: string, params?: JsonObject): void {
  const said = params && readParams(Buffer.from(JSON.stringify(params)));
  exchange.deliver({ kind: 'notification', method, params: said });
}

/** A server side that acknowledges, and ends when nobody listens any more. */
function acknowledge(exchange: Exchange): Promise<McpReply> {
  say(exchange, ACKNOWLEDGED, { notifications: { toolsListChanged: true } });
  return new Promise((_, reject) => {
    exchange.signal.addEventListener('abort', { handleEvent: () => reject(exchange.signal.reason) });
  });
}

function tag(id: unknown): Json {
  return { _meta: { [SUBSCRIPTION_ID]: id } };
}

function open(): number {
  return gateway.app.get(Visitors).listens.size;
}

beforeEach(async () => {
  gateway = await DownstreamApp.start({ ServerSection: { maxInFlight: 2 } });
  gateway.routes.handler = (request, exchange) =>
    request.method === 'subscriptions/listen' ? acknowledge(exchange) : Promise.resolve(result({ ok: true }));
});
afterEach(() => gateway.stop());

describe('a listen over HTTP', () => {
  it('is a stream on which everything names it, to the graceful end (G27)', async () => {
    const heard = new HeardStream(await openModern(gateway, listen('L1')));
    await heard.untilHeard(ACKNOWLEDGED);
    const { exchange } = gateway.routes.seen[0]!;
    say(exchange, UPDATED, { uri: 'crm+db://row/1', _meta: { [SUBSCRIPTION_ID]: 4, kept: true } });
    say(exchange, 'notifications/progress', { progressToken: 1, progress: 1 });
    say(exchange, 'notifications/message', { level: 'alert', data: 1 });
    say(exchange, 'notifications/elicitation/complete', { elicitationId: 'e1' });
    say(exchange, 'notifications/unheard/of', {});
    say(exchange, TASK_CHANGED, { taskId: 't1', status: 'working' });
    say(exchange, CHANGED);
    await heard.untilHeard(CHANGED);
    expect(exchange.signal.aborted).toBe(false);
    await gateway.downstream.drain(10_000);

    const { 'content-type': type, 'mcp-session-id': session } = heard.response.headers;
    expect([heard.status, type, session]).toEqual([200, 'text/event-stream', undefined]);
    expect(eventsOf(await heard.whole())).toMatchObject([
      { method: ACKNOWLEDGED, params: { notifications: { toolsListChanged: true }, ...tag('L1') } },
      { method: UPDATED, params: { uri: 'crm+db://row/1', _meta: { [SUBSCRIPTION_ID]: 'L1', kept: true } } },
      { method: TASK_CHANGED, params: { taskId: 't1', ...tag('L1') } },
      { method: CHANGED, params: tag('L1') },
      { id: 'L1', result: { resultType: 'complete', ...tag('L1') } },
    ]);
    expect(exchange.signal.aborted).toBe(true);
    expect(gateway.outcome('subscriptions/listen')).toEqual(['200 -']);
  });

  it('keeps the type of its id (G28), and lasts as long as nobody ends it', async () => {
    const heard = new HeardStream(await openModern(gateway, listen(28)));
    await heard.untilHeard(`"${SUBSCRIPTION_ID}":28}`);
    expect(gateway.routes.seen[0]!.exchange.deadline).toBe(Infinity);
  });

  it('keeps what it says, and nothing else of the message that it came in', async () => {
    const asked = listen(28);
    const body = `${JSON.stringify(asked)}${' '.repeat(1_048_576)}`;
    const heard = new HeardStream(await gateway.open('POST', postOf(body, headersOf(asked))));
    await heard.untilHeard(ACKNOWLEDGED);
    const { params } = gateway.routes.seen[0]!.request;
    expect(params!.object()).toEqual(asked['params']);
    expect(params!.bytes.buffer.byteLength).toBeLessThan(1_048_576);
  });

  it('is a stream at once, whatever the client takes and however slow its server is', async () => {
    gateway.routes.handler = () => new Promise(() => undefined);
    const response = await openModern(gateway, listen(1), { accept: 'application/json' });
    expect(response.headers['content-type']).toBe('text/event-stream');
    response.destroy();
    await until(() => open() === 0, 'the listen to be gone');
  });

  it('that is refused is answered like any request', async () => {
    gateway.routes.handler = () => Promise.reject(new GatewayError('limit_listens', 'too many'));
    const { status, headers, json } = await postModern(gateway, listen(1));
    expect([status, headers['content-type']]).toEqual([200, 'application/json']);
    expect(json).toMatchObject({ id: 1, error: { code: -32603, data: { reason: 'limit_listens' } } });
    await gateway.downstream.drain(0);
    expect((await postModern(gateway, listen(2))).status).toBe(503);
  });

  it('ends when the client has had enough', async () => {
    const heard = new HeardStream(await openModern(gateway, listen(1)));
    await heard.untilHeard(ACKNOWLEDGED);
    expect([open(), gateway.app.get(Intake).inFlight]).toEqual([1, 0]);
    await heard.cut();
    const { exchange } = gateway.routes.seen[0]!;
    await until(() => exchange.signal.aborted, 'the listen to be cancelled');
    expect([open(), exchange.stay.ended]).toEqual([0, true]);
    say(exchange, CHANGED);
    expect(gateway.outcome('subscriptions/listen')).toEqual(['499 exchange_cancelled']);
  });

  it('of a client that does not read is cut at the limit', async () => {
    await gateway.stop();
    gateway = await DownstreamApp.start({ ServerSection: { queueSoftBytes: 65_536, queueHardBytes: 1_048_576 } });
    gateway.routes.handler = (_, exchange) => acknowledge(exchange);
    const response = await openModern(gateway, listen(1));
    response.on('error', () => undefined).pause();
    const { exchange } = gateway.routes.seen[0]!;
    const uri = `a:${'x'.repeat(65_536)}`;
    for (let sent = 0; sent < 2_000 && !exchange.signal.aborted; sent++) {
      say(exchange, UPDATED, { uri });
      await new Promise((resolve) => void setImmediate(resolve));
    }
    expect([exchange.signal.aborted, open()]).toEqual([true, 0]);
  });
});

describe('a listen over WebSocket', () => {
  it('is told apart by its id, and is no load', async () => {
    const client = await gateway.connect();
    for (const id of ['a', 1, 2, 3]) expect(await client.ask(listen(id))).toMatchObject({ params: tag(id) });
    expect(await client.ask(modernCall('t', 9))).toMatchObject({ id: 9, result: { ok: true } });
    say(gateway.routes.seen[1]!.exchange, CHANGED);
    expect(await client.next()).toEqual({ jsonrpc: '2.0', method: CHANGED, params: tag(1) });
    const [view] = gateway.app.get<ConnectionRegistry>(CONNECTION_REGISTRY).list();
    expect(view).toMatchObject({ pending: 0, requests: 5, era: 'modern' });
    expect([open(), gateway.downstream.inFlight]).toEqual([4, 0]);
  });

  it('is in the way of another request of its id, and ends by notification', async () => {
    const client = await gateway.connect();
    await client.ask(listen(1));
    expect(await client.ask(listen(1))).toMatchObject({ error: { code: -32600, data: { id: 1 } } });
    client.send(cancelled(1));
    await until(() => open() === 0, 'the listen to be cancelled');
    expect(gateway.routes.seen[0]!.exchange.signal.aborted).toBe(true);
    expect(await client.ask(listen(1))).toMatchObject({ params: tag(1) });
  });

  it('ends with its connection', async () => {
    const client = await gateway.connect();
    await client.ask(listen(1));
    client.socket.close();
    await until(() => gateway.routes.seen[0]!.exchange.signal.aborted, 'the listen to be cancelled');
    expect(open()).toBe(0);
  });

  it('ends with its result when the gateway stops, and does not keep it from stopping', async () => {
    const client = await gateway.connect();
    const { promise, resolve } = Promise.withResolvers<McpReply>();
    await client.ask(listen('L'));
    gateway.routes.handler = () => promise;
    client.send(modernCall('slow', 2));
    await until(() => gateway.downstream.inFlight === 1, 'the call to arrive');
    const drained = gateway.downstream.drain(10_000);
    expect(await client.next()).toMatchObject({ id: 'L', result: { resultType: 'complete', ...tag('L') } });
    expect(await client.ask(listen('M'))).toMatchObject({ id: 'M', error: { data: { reason: 'gateway_draining' } } });
    resolve(result({ done: true }));
    expect(await client.next()).toMatchObject({ id: 2, result: { done: true } });
    expect([await drained, await client.closed]).toEqual([true, 1001]);
  });
});
