import { request } from 'node:http';
import { WebSocket } from 'ws';

import { connect } from '../support/clients.ts';
import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';

/** Status of a request with headers of our choice, the Host among them. */
function statusOf(url: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    })
      .on('error', reject)
      .end();
  });
}

describe('the surfaces of a running gateway', () => {
  let gateway: RunningGateway;

  beforeAll(async () => {
    gateway = await startGateway(`${EPHEMERAL}
[[upstream.groups.default.servers]]
id = "up"
command = "node"
args = ["examples/basic/src/server.ts"]
env = { SECRET_TOKEN = "hunter2-hunter2" }
[[upstream.groups.gone.servers]]
id = "down"
url = "http://127.0.0.1:9/mcp?key=hunter2-hunter2"
`);
    await until(
      async () => (await gateway.json<{ status: string }>('/health')).status === 'degraded',
      'degraded health',
    );
  });

  afterAll(() => gateway?.stop());

  it('answers health, readiness and liveness', async () => {
    expect((await fetch(`${gateway.origin}/liveness`)).status).toBe(200);
    expect((await fetch(`${gateway.origin}/health`)).status).toBe(200);
    await until(async () => (await fetch(`${gateway.origin}/readiness`)).status === 200, 'readiness', 12_000);
  });

  it('shows upstreams and one server of them, and nothing secret', async () => {
    const all = JSON.stringify(await gateway.json('/api/v1/upstreams'));
    expect(all).toContain('"up"');
    expect(all).not.toContain('hunter2');
    expect(await gateway.json('/api/v1/upstreams/up/status')).toMatchObject({ id: 'up', state: 'up' });
    expect((await fetch(`${gateway.origin}/api/v1/upstreams/nope/status`)).status).toBe(404);
  });

  it('lists connections and closes one', async () => {
    const client = await connect(gateway, 'websocket');
    const closed = Promise.withResolvers<void>();
    client.onclose = closed.resolve;
    const { connections } = await gateway.json<{ connections: { id: string; transport: string }[] }>(
      '/api/v1/connections',
    );
    const mine = connections.find(({ transport }) => transport === 'websocket')!;

    const gone = await fetch(`${gateway.origin}/api/v1/connections/${mine.id}`, { method: 'DELETE' });
    expect(gone.status).toBe(204);
    await closed.promise;
    expect((await fetch(`${gateway.origin}/api/v1/connections/${mine.id}`, { method: 'DELETE' })).status).toBe(404);
  });

  it('describes its admin API', async () => {
    const { openapi, paths } = await gateway.json<{ openapi: string; paths: object }>('/api/v1/openapi.json');
    expect(openapi).toMatch(/^3\./);
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        '/api/v1/status',
        '/api/v1/upstreams',
        '/api/v1/upstreams/{id}/status',
        '/api/v1/connections',
        '/api/v1/connections/{id}',
      ]),
    );
  });

  it('exports the six metrics on a port of their own', async () => {
    const client = await connect(gateway, 'streamable_http');
    await client.callTool({ name: 'echo', arguments: { text: 'x' } });
    await client.close();
    const text = await (await fetch(gateway.metricsUrl)).text();
    for (const name of [
      'mcp_gateway_requests_total',
      'mcp_gateway_request_duration_seconds',
      'mcp_gateway_connections_active',
      'mcp_gateway_upstream_requests_total',
      'mcp_gateway_upstream_health_checks_total',
      'mcp_gateway_circuit_breaker_state',
    ]) {
      expect(text).toContain(`# TYPE ${name} `);
    }
    expect(text).toMatch(/mcp_gateway_requests_total\{[^}]*method="tools\/call"[^}]*\} [1-9]/);
    expect((await fetch(`${gateway.origin}/metrics`)).status).toBe(404);
  });

  it('writes one access line per exchange, with the seed fields and without payload', async () => {
    const client = await connect(gateway, 'websocket');
    await client.callTool({ name: 'echo', arguments: { text: 'a-very-private-payload' } });
    const line = await until(
      () => gateway.lines.findLast((entry) => entry['method'] === 'tools/call'),
      'the access line',
    );
    expect(line).toMatchObject({
      request_id: expect.any(String),
      upstream_server: expect.stringContaining('up'),
      latency: expect.any(Number),
      status: 200,
    });
    expect(JSON.stringify(gateway.lines)).not.toContain('a-very-private-payload');
    expect(JSON.stringify(gateway.lines)).not.toContain('hunter2');
    await client.close();
  });

  it('never loses the whole list to one dead group', async () => {
    const client = await connect(gateway, 'streamable_http');
    const { tools, _meta } = await client.listTools();
    expect(tools.length).toBeGreaterThan(0);
    expect(_meta).toMatchObject({ 'mcp-gateway/degraded': ['gone'] });
    await client.close();
  });

  it.each(['/mcp', '/api/v1/status', '/api/v1/connections'])('refuses a foreign Host or Origin on %s', async (path) => {
    const url = gateway.origin + path;
    const host = new URL(gateway.url).host;
    expect(await statusOf(url, { host: 'evil.example' })).toBe(403);
    expect(await statusOf(url, { host, origin: 'https://evil.example' })).toBe(403);
  });

  it('refuses a foreign Origin before the upgrade', async () => {
    const socket = new WebSocket(gateway.wsUrl, 'mcp', { origin: 'https://evil.example' });
    const status = await new Promise((resolve) => {
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
      socket.on('error', () => undefined);
    });
    expect(status).toBe(403);
  });

  it('answers an unknown group with 404 on every transport', async () => {
    expect((await fetch(`${gateway.url}/nope`, { method: 'POST' })).status).toBe(404);
    const socket = new WebSocket(`${gateway.wsUrl}/nope`, 'mcp');
    const status = await new Promise((resolve) => {
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
      socket.on('error', () => undefined);
    });
    expect(status).toBe(404);
  });
});
