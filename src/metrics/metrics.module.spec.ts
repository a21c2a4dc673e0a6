import { createServer } from 'node:http';

import { Test, type TestingModule } from '@nestjs/testing';
import type { INestApplication } from '@nestjs/common';
import { request } from 'undici';

import { configured, FakeEngine, finished } from '../../test/support/surfaces.js';
import { GatewayError } from '../core/errors.js';
import {
  METRICS_SERVER_FACTORY,
  MetricsModule,
  MetricsSection,
  MetricsServer,
  type MetricsServerFactory,
} from './index.js';

const ONE = { group: 'crm', server: 'a' };
const TWO = { group: 'crm', server: 'b' };

describe('the metrics of a gateway', () => {
  const engine = new FakeEngine();
  const { events } = engine;
  let app: INestApplication;
  let server: MetricsServer;

  beforeAll(async () => {
    app = await gatewayWith(engine, '[metrics]\nport = 0\n');
    server = app.get(MetricsServer);
    await server.start();
  });

  afterAll(() => app.close());

  const scrape = async () => (await fetch(server.url!)).text();
  const valueOf = async (series: string) =>
    (await scrape())
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length + 1);

  it('count requests by route, method and status', async () => {
    events.emit('exchange.finished', finished());
    events.emit('exchange.finished', finished());
    events.emit('exchange.finished', finished({ route: 'crm' }, { status: 504, reason: 'upstream_timeout' }));

    expect(await valueOf('mcp_gateway_requests_total{route="mcp",method="tools/call",status="200"}')).toBe('2');
    expect(await valueOf('mcp_gateway_requests_total{route="crm",method="tools/call",status="504"}')).toBe('1');
  });

  it('count the revisions that clients speak', async () => {
    const modern = {
      era: 'modern' as const,
      revision: '2026-07-28',
      capabilities: {},
      info: { name: '', version: '' },
    };
    const stranger = { ...modern, era: 'legacy' as const, revision: '' };
    for (const peer of [modern, modern, stranger]) events.emit('exchange.finished', finished({ route: 'x', peer }));
    const name = 'mcp_gateway_requests_by_revision_total';

    expect(await valueOf(`${name}{route="x",era="modern",revision="2026-07-28"}`)).toBe('2');
    expect(await valueOf(`${name}{route="x",era="legacy",revision="none"}`)).toBe('1');
  });

  it('count the calls that are parked, and what becomes of them', async () => {
    for (let n = 0; n < 3; n++) events.emit('call.parked', ONE);
    events.emit('call.released', { ...ONE, why: 'answered' });
    events.emit('call.released', { ...ONE, why: 'expired' });

    expect(await valueOf('mcp_gateway_parked_calls')).toBe('1');
    expect(await valueOf('mcp_gateway_parked_calls_total{outcome="answered"}')).toBe('1');
    expect(await valueOf('mcp_gateway_parked_calls_total{outcome="expired"}')).toBe('1');
  });

  it('do not grow with the methods that a client makes up', async () => {
    // Ours only: those of the process come and go with its handles.
    const seriesNow = async () => (await scrape()).split('\n').filter((line) => line.startsWith('mcp_gateway_')).length;
    events.emit('exchange.finished', finished({ method: 'made/up' }, { status: 404 }));
    const before = await seriesNow();
    for (let n = 0; n < 1_000; n++) {
      events.emit('exchange.finished', finished({ method: `made/up/${n}` }, { status: 404 }));
    }

    expect(await seriesNow()).toBe(before);
    expect(await valueOf('mcp_gateway_requests_total{route="mcp",method="other",status="404"}')).toBe('1001');
  });

  it('keep the durations of requests in cumulative buckets of seconds', async () => {
    const ping = { method: 'ping', route: 'times' };
    for (const latencyMs of [0.4, 5, 7, 90_000]) events.emit('exchange.finished', finished(ping, { latencyMs }));
    const name = 'mcp_gateway_request_duration_seconds';

    expect(await valueOf(`${name}_bucket{method="ping",route="times",le="0.0005"}`)).toBe('1');
    expect(await valueOf(`${name}_bucket{method="ping",route="times",le="0.005"}`)).toBe('2');
    expect(await valueOf(`${name}_bucket{method="ping",route="times",le="60"}`)).toBe('3');
    expect(await valueOf(`${name}_bucket{method="ping",route="times",le="+Inf"}`)).toBe('4');
    expect(await valueOf(`${name}_count{method="ping",route="times"}`)).toBe('4');
    expect(Number(await valueOf(`${name}_sum{method="ping",route="times"}`))).toBeCloseTo(90.0124);
  });

  it('show the connections that are open, from nought', async () => {
    events.emit('connection.opened', { transport: 'websocket', id: '1' });
    events.emit('connection.opened', { transport: 'websocket', id: '2' });
    events.emit('connection.closed', { transport: 'websocket', id: '1' });

    expect(await valueOf('mcp_gateway_connections_active{transport="websocket"}')).toBe('1');
    expect(await valueOf('mcp_gateway_connections_active{transport="streamable_http"}')).toBe('0');
  });

  it('show those who listen, by route', async () => {
    for (const name of ['listen.opened', 'listen.opened', 'listen.closed'] as const)
      events.emit(name, { route: 'mcp' });

    expect(await valueOf('mcp_gateway_listens{route="mcp"}')).toBe('1');
  });

  it('show a server from when it is known until it is retired', async () => {
    for (const ref of [ONE, TWO]) {
      events.emit('server.changed', { ...ref, state: { kind: 'up', since: 0 } });
      events.emit('attempt.finished', { ...ref, status: 200, latencyMs: 1 });
      events.emit('probe.finished', { ...ref, healthy: true, latencyMs: 1 });
    }
    expect(await valueOf('mcp_gateway_circuit_breaker_state{group="crm",server="a"}')).toBe('0');
    expect(await valueOf('mcp_gateway_upstream_requests_total{group="crm",server="a",status="200"}')).toBe('1');
    expect(await valueOf('mcp_gateway_upstream_health_checks_total{group="crm",server="a",result="healthy"}')).toBe(
      '1',
    );

    events.emit('server.retired', ONE);
    const text = await scrape();
    expect(text).not.toContain('server="a"');
    expect(text.match(/server="b"/g)).toHaveLength(3);
  });

  it('keep what was counted of servers that are retired because the process ends', async () => {
    const requests = 'mcp_gateway_upstream_requests_total{group="crm",server="b",status="200"}';
    events.emit('attempt.finished', { ...TWO, status: 200, latencyMs: 1 });
    const counted = await valueOf(requests);
    engine.lifecycle.draining = true;
    events.emit('server.retired', TWO);
    engine.lifecycle.draining = false;
    expect(Number(counted)).toBeGreaterThan(0);
    expect(await valueOf(requests)).toBe(counted);
    events.emit('server.retired', TWO);
    expect(await valueOf(requests)).toBeUndefined();
  });

  it('show what each server was introduced as last, until it is retired', async () => {
    events.emit('server.introduced', { ...ONE, era: 'legacy', revision: '2025-11-25' });
    events.emit('server.introduced', { ...ONE, era: 'modern', revision: '2026-07-28' });
    const info = 'mcp_gateway_upstream_info{group="crm",server="a",era="modern",revision="2026-07-28"}';

    expect(await valueOf(info)).toBe('1');
    expect(await scrape()).not.toContain('mcp_gateway_upstream_info{group="crm",server="a",era="legacy"');
    events.emit('server.retired', ONE);
    expect(await scrape()).not.toContain('mcp_gateway_upstream_info{');
  });

  it('show how many own sessions each server has, and why others ended, until it is retired', async () => {
    for (const ref of [ONE, ONE, ONE, TWO]) events.emit('upstream_session.opened', ref);
    events.emit('upstream_session.closed', { ...ONE, why: 'idle' });
    const closed = 'mcp_gateway_upstream_sessions_closed_total{group="crm",server="a",why="idle"}';

    expect(await valueOf('mcp_gateway_upstream_sessions{group="crm",server="a"}')).toBe('2');
    expect(await valueOf(closed)).toBe('1');
    events.emit('server.retired', ONE);
    const text = await scrape();
    expect(text).not.toContain('server="a"');
    expect(text).toContain('mcp_gateway_upstream_sessions{group="crm",server="b"} 1');
  });

  it('tell the breaker as a number, and do not close it when the server changes', async () => {
    const breaker = 'mcp_gateway_circuit_breaker_state{group="crm",server="b"}';
    events.emit('breaker.changed', { ...TWO, state: { kind: 'open', until: 5 } });
    events.emit('server.changed', { ...TWO, state: { kind: 'down', since: 0, reason: 'refused' } });
    expect(await valueOf(breaker)).toBe('2');

    events.emit('breaker.changed', { ...TWO, state: { kind: 'half_open', trial: true } });
    expect(await valueOf(breaker)).toBe('1');
  });

  it('tell which configuration runs and whether the last one was taken', async () => {
    expect(await valueOf('mcp_gateway_config_generation')).toBe('1');
    events.emit('config.rejected', { problems: [] });
    expect(await valueOf('mcp_gateway_config_last_reload_success')).toBe('0');

    events.emit('config.applied', { generation: 2, changed: [] });
    expect(await valueOf('mcp_gateway_config_generation')).toBe('2');
    expect(await valueOf('mcp_gateway_config_last_reload_success')).toBe('1');
  });

  it('count rules of the protocol that were broken, by leg, rule and what became of it', async () => {
    events.emit('rule.broken', { leg: 'downstream', rule: 'accept', action: 'forgiven' });
    events.emit('rule.broken', { leg: 'downstream', rule: 'accept', action: 'forgiven' });
    events.emit('rule.broken', { leg: 'upstream', rule: 'json', action: 'refused' });
    const name = 'mcp_gateway_protocol_violations_total';

    expect(await valueOf(`${name}{leg="downstream",rule="accept",action="forgiven"}`)).toBe('2');
    expect(await valueOf(`${name}{leg="upstream",rule="json",action="refused"}`)).toBe('1');
  });

  it('count messages that were dropped, and show the process', async () => {
    events.emit('message.dropped', { where: 'upstream', why: 'unknown_id' });
    events.emit('message.tolerated', { where: 'upstream', why: 'string_id' });

    expect(await valueOf('mcp_gateway_messages_dropped_total{where="upstream",why="unknown_id"}')).toBe('1');
    expect(await valueOf('mcp_gateway_messages_tolerated_total{where="upstream",why="string_id"}')).toBe('1');
    expect(await scrape()).toContain('process_resident_memory_bytes');
  });

  it('are not for a page that gave our address its own name', async () => {
    const { statusCode } = await request(server.url!, { headers: { host: 'evil.example' } });
    expect(statusCode).toBe(403);
  });

  it('are on a port of their own and nowhere else', async () => {
    await app.listen(0, '127.0.0.1');
    expect((await fetch(`${await app.getUrl()}/metrics`)).status).toBe(404);
    expect((await fetch(new URL('/', server.url))).status).toBe(404);
  });
});

describe('the metrics server', () => {
  let app: INestApplication | undefined;

  afterEach(() => app?.close());

  it('does not listen when it is disabled', async () => {
    app = await gatewayWith(new FakeEngine(), '[metrics]\nenabled = false\n');
    await app.get(MetricsServer).start();

    expect(app.get(MetricsServer).url).toBeUndefined();
  });

  it('serves another path when told so', async () => {
    app = await gatewayWith(new FakeEngine(), '[metrics]\nport = 0\npath = "/prometheus"\n');
    await app.get(MetricsServer).start();

    expect(app.get(MetricsServer).url).toMatch(/\/prometheus$/);
    expect((await fetch(app.get(MetricsServer).url!)).status).toBe(200);
  });

  it('says that its port is in use, without a stack', async () => {
    const first = await gatewayWith(new FakeEngine(), '[metrics]\nport = 0\n');
    await first.get(MetricsServer).start();
    const { port } = new URL(first.get(MetricsServer).url!);
    app = await gatewayWith(new FakeEngine(), `[metrics]\nport = ${port}\n`);

    const refused = app.get(MetricsServer).start();

    await expect(refused).rejects.toThrow(new GatewayError('config_invalid', `[metrics] port ${port} is in use`));
    await expect(refused).rejects.toMatchObject({ code: 'config_invalid' });
    await first.close();
  });

  it('stops with the gateway', async () => {
    const stopped = await gatewayWith(new FakeEngine(), '[metrics]\nport = 0\n');
    await stopped.get(MetricsServer).start();
    const { url } = stopped.get(MetricsServer);
    await stopped.close();

    await expect(fetch(url!)).rejects.toThrow();
  });
});

const plain: MetricsServerFactory = (listener) => createServer(listener);

async function gatewayWith(engine: FakeEngine, toml: string): Promise<INestApplication> {
  const built: TestingModule = await Test.createTestingModule({
    imports: [
      engine.module({ provide: METRICS_SERVER_FACTORY, useValue: plain }),
      await configured(toml, MetricsSection),
      MetricsModule,
    ],
  }).compile();
  return built.createNestApplication({ logger: false });
}
