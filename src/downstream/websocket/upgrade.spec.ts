import { connect as connectTcp } from 'node:net';
import { once } from 'node:events';

import { CONNECTION_REGISTRY, type ConnectionRegistry } from '../../core/views.js';
import { result } from '../../core/message.js';
import { call, DownstreamApp, initialize, request } from '../../../test/support/downstream.js';
import { until } from '../../../test/support/until.js';

describe('the WebSocket handshake', () => {
  let gateway: DownstreamApp;

  beforeEach(async () => {
    gateway = await DownstreamApp.start({ ServerSection: { maxConnections: 2 } });
  });
  afterEach(() => gateway.stop());

  it('is refused with 404 where no route is', async () => {
    for (const path of ['/', '/mcp/none', '/other', '/mcpx', '/MCP', '/mcp/../health']) {
      expect((await gateway.refused(path)).status).toBe(404);
    }
  });

  it('is refused with 403 for a foreign Host or Origin', async () => {
    for (const headers of [
      { host: 'evil.example' },
      { host: '127.0.0.1.evil.example' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ]) {
      expect((await gateway.refused('/mcp', { headers })).status).toBe(403);
    }
  });

  it('is accepted for the gateway’s own origin', async () => {
    const client = await gateway.connect('/mcp', { headers: { origin: `http://127.0.0.1:${gateway.port}` } });
    expect(await client.ask(request('ping', 1))).toHaveProperty('result');
  });

  it('selects mcp among several subprotocols, and refuses when all of them are unknown', async () => {
    const client = await gateway.connect('/mcp', { protocols: ['other', 'mcp'] });
    expect(client.socket.protocol).toBe('mcp');
    expect((await gateway.refused('/mcp', { protocols: ['other'] })).status).toBe(400);
  });

  it('is refused with 503 when there is no room, until somebody leaves', async () => {
    const first = await gateway.connect();
    await gateway.connect();
    const refused = await gateway.refused('/mcp');
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toBe('1');
    expect(refused.json).toMatchObject({ error: { data: { reason: 'limit_connections' } } });
    first.socket.close();
    await until(() => gateway.connections.length === 1, 'the first to leave');
    await gateway.connect();
  });

  it('survives clients that are not what they seem', async () => {
    for (const bytes of [
      'GET /mcp HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      'GET http://[ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      'GET /mcp HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    ]) {
      const socket = connectTcp(gateway.port, '127.0.0.1');
      socket.write(bytes);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      expect(answer.toString()).toMatch(/^HTTP\/1.1 40[04] /);
      socket.destroy();
    }
    expect(await (await gateway.connect()).ask(request('ping', 1))).toHaveProperty('result');
  });

  it('is not taken for one when another protocol is offered', async () => {
    const headers = { upgrade: 'h2c', connection: 'Upgrade' };
    const answer = await gateway.post(initialize(), headers);
    expect(answer.status).toBe(200);
  });
});

describe('WebSocket connections', () => {
  it('are listed, and closed when an operator says so', async () => {
    const gateway = await DownstreamApp.start();
    const registry = gateway.app.get<ConnectionRegistry>(CONNECTION_REGISTRY);
    const client = await gateway.introduced();
    await client.ask(call('x', 1));
    const [view] = registry.list();
    expect(view).toMatchObject({
      transport: 'websocket',
      route: 'mcp',
      clientAddress: '127.0.0.1',
      revision: '2025-11-25',
      client: 'desk 2',
      principal: 'anonymous',
      pending: 0,
      requests: 2,
    });
    expect(registry.close('none')).toBe(false);
    expect(registry.close(view!.id)).toBe(true);
    expect(await client.closed).toBe(1000);
    await until(() => registry.list().length === 0, 'it to be gone');
    await gateway.stop();
  });

  it('are pinged, and cut when they do not answer', async () => {
    const gateway = await DownstreamApp.start({ ServerSection: { pingInterval: 150 } });
    const [healthy, dead] = [await gateway.connect(), await gateway.connect('/mcp', { autoPong: false })];
    expect(await dead.closed).toBe(1006);
    expect(await healthy.ask(request('ping', 1))).toHaveProperty('result');
    await gateway.stop();
  });

  it('cannot keep the gateway busy with pings', async () => {
    const gateway = await DownstreamApp.start();
    const client = await gateway.connect();
    client.socket.on('pong', () => client.socket.ping());
    client.socket.ping();
    expect(await client.closed).toBe(1008);
    await gateway.stop();
  });

  it('are not read from while their client reads slowly, and lose nothing', async () => {
    const gateway = await DownstreamApp.start({
      ServerSection: { queueSoftBytes: 65_536, queueHardBytes: 1_073_741_824, maxInFlight: 1_000 },
    });
    gateway.routes.handler = () => Promise.resolve(result({ text: 'x'.repeat(1_048_576) }));
    const client = await gateway.introduced();
    client.socket.pause();
    const total = 40;
    for (let id = 1; id <= total; id++) client.send(call('big', id));
    await until(() => gateway.routes.seen.length > 0, 'the first request to arrive');
    await gateway.http('GET', { path: '/nothing' });
    // They all arrived in one read; from then on nothing is read.
    const seen = gateway.routes.seen.length;
    for (let id = total + 1; id <= total * 2; id++) client.send(call('big', id));
    await gateway.http('GET', { path: '/nothing' });
    expect(gateway.routes.seen.length).toBe(seen);
    client.socket.resume();
    for (let id = 1; id <= total * 2; id++) expect(await client.next()).toMatchObject({ id });
    await gateway.stop();
  });

  it('are closed when their client does not read at all', async () => {
    const gateway = await DownstreamApp.start({ ServerSection: { queueHardBytes: 1_048_576, maxInFlight: 1_000 } });
    gateway.routes.handler = (_, exchange) =>
      exchange.method === 'tools/list'
        ? new Promise(() => undefined)
        : Promise.resolve(result({ text: 'x'.repeat(1_048_576) }));
    const client = await gateway.introduced();
    client.socket.pause();
    client.send(request('tools/list', 0));
    for (let id = 1; id <= 60; id++) client.send(call('big', id));
    await until(() => gateway.dropped.includes('queue_full'), 'the queue to be full');
    await until(() => gateway.outcome('tools/list').length === 1, 'what it waits for to be cancelled');
    client.socket.resume();
    expect([1013, 1006]).toContain(await client.closed);
    await gateway.stop();
  });
});
