import { once } from 'node:events';

import { result, type McpReply } from '../core/message.js';
import { call, DownstreamApp, initialize, request } from '../../test/support/downstream.js';
import { until } from '../../test/support/until.js';

describe('the drain', () => {
  let gateway: DownstreamApp;
  let release: (reply: McpReply) => void;

  beforeEach(async () => {
    gateway = await DownstreamApp.start();
    const { promise, resolve } = Promise.withResolvers<McpReply>();
    gateway.routes.handler = () => promise;
    release = resolve;
  });
  afterEach(() => gateway.stop());

  it('is done at once when nothing is in flight, and closes whoever is connected', async () => {
    const client = await gateway.introduced();
    expect(await gateway.downstream.drain(10_000)).toBe(true);
    expect(await client.closed).toBe(1001);
  });

  it('lets what is in flight finish, and takes nothing new', async () => {
    const client = await gateway.introduced();
    const session = await gateway.session();
    const stream = await gateway.open('GET', { headers: { ...session, accept: 'text/event-stream' } });
    const streamEnded = once(stream.resume(), 'end');
    client.send(call('slow', 1));
    const waiting = gateway.post(call('slow', 1), session);
    await until(() => gateway.downstream.inFlight === 2, 'both requests to arrive');

    const drained = gateway.downstream.drain(10_000);
    await streamEnded;
    const refused = { error: { data: { reason: 'gateway_draining' } } };
    expect(await client.ask(call('x', 2))).toMatchObject({ id: 2, ...refused });
    const post = await gateway.post(call('x', 2), session);
    expect([post.status, post.json]).toMatchObject([503, { id: 2, ...refused }]);
    expect(post.headers).toMatchObject({ 'retry-after': '1', connection: 'close' });
    expect((await gateway.post(initialize())).status).toBe(503);
    expect((await gateway.refused('/mcp')).status).toBe(503);
    expect((await gateway.http('GET', { headers: { ...session, accept: 'text/event-stream' } })).status).toBe(503);
    expect(await client.ask(request('ping', 3))).toMatchObject({ id: 3, result: {} });

    release(result({ done: true }));
    expect(await client.next()).toMatchObject({ id: 1, result: { done: true } });
    expect((await waiting).json).toMatchObject({ id: 1, result: { done: true } });
    expect(await drained).toBe(true);
    expect(await client.closed).toBe(1001);
  });

  it('answers what does not finish in time, each request once', async () => {
    const client = await gateway.introduced();
    const session = await gateway.session();
    client.send(call('slow', 1));
    const waiting = gateway.post(call('slow', 1), session);
    await until(() => gateway.downstream.inFlight === 2, 'both requests to arrive');
    const signals = gateway.routes.seen.map(({ exchange }) => exchange.signal);

    expect(await gateway.downstream.drain(1)).toBe(false);
    expect(await client.next()).toMatchObject({ id: 1, error: { data: { reason: 'gateway_draining' } } });
    expect(await client.closed).toBe(1001);
    expect((await waiting).json).toMatchObject({ id: 1, error: { code: -32603 } });
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
    expect(gateway.outcome('tools/call')).toEqual(['503 gateway_draining', '503 gateway_draining']);
    release(result({}));
  });

  it('leaves nothing that keeps the application from closing', async () => {
    const client = await gateway.introduced();
    const session = await gateway.session();
    await gateway.open('GET', { headers: { ...session, accept: 'text/event-stream' } });
    await gateway.downstream.drain(10_000);
    await gateway.app.close();
    expect(await client.closed).toBe(1001);
  });
});
