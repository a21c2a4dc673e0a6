import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { brisk } from '../support/brisk.ts';
import { startGateway, type RunningGateway } from '../support/gateway.ts';
import { LineClient } from '../support/line-client.ts';
import { modern, modernCall, postModern } from '../support/modern.ts';
import { Place } from '../support/place.ts';
import { call, initialize, request, type HttpAnswer, type Json } from '../support/raw-clients.ts';
import { ScriptedUpstream } from '../support/scripted-upstream.ts';
import { SseClient } from '../support/sse-client.ts';
import { until } from '../support/until.ts';

const TOOLS = ['search', 'slow_report'].map((name) => ({ name, inputSchema: { type: 'object' } }));
const NOTE: Json = { jsonrpc: '2.0', method: 'notifications/nothing' };

/** Five at once, then one in ten seconds: nothing is given back while a test runs. */
const LIMITS = `
[security.rate_limiting]
enabled = true
requests_per_minute = 6
burst_size = 5

[security.rate_limiting.routes.crm]
requests_per_minute = 6
burst_size = 2

[[security.rate_limiting.tools]]
groups = ["crm"]
tools = ["slow_*"]
requests_per_minute = 1
burst_size = 1
`;

describe('rate limits', () => {
  const folder = mkdtempSync(join(tmpdir(), 'limits-'));
  const socket = join(folder, 'gateway.sock');
  let upstream: ScriptedUpstream;
  let gateway: RunningGateway;
  let ground: string;
  let addresses = 1;

  beforeAll(async () => {
    upstream = await ScriptedUpstream.start('ws', {
      script: {
        'tools/list': ({ reply }) => reply({ tools: TOOLS }),
        'tools/call': ({ reply }) => reply({ content: [] }),
      },
    });
    ground = `
[server]
port = 0
unix_socket = ${JSON.stringify(socket)}
[metrics]
port = 0
[[upstream.groups.crm.servers]]
${upstream.toml}
`;
    gateway = await startGateway(ground + LIMITS);
    await gateway.ready();
  });

  afterAll(async () => {
    await gateway?.stop();
    upstream?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The gateway as a client sees it that nobody has heard of before. */
  function somebody(): Place {
    return new Place(gateway.url, `127.0.0.${++addresses}`);
  }

  function heldUp(scope = 'client'): unknown {
    const retryAfterMs = expect.any(Number) as unknown;
    return { code: -32603, message: 'too many requests', data: { reason: 'limit_rate', retryAfterMs, scope } };
  }

  function expectHeldUp({ status, headers, json }: HttpAnswer, id: number): void {
    expect(status).toBe(429);
    expect(json).toEqual({ jsonrpc: '2.0', id, error: heldUp() });
    const seconds = Number(headers['retry-after']);
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(10);
    expect(headers['ratelimit-policy']).toBe('"client";q=6;w=60');
    expect(headers['ratelimit']).toBe(`"client";r=0;t=${seconds}`);
  }

  describe('on every transport', () => {
    it('answer 429 over HTTP, with headers that say when to come back', async () => {
      const place = somebody();
      const session = await place.session();
      for (let id = 1; id <= 4; id++) expect((await place.post(call('crm__search', id), session)).status).toBe(200);
      expectHeldUp(await place.post(call('crm__search', 5), session), 5);
      expectHeldUp(await place.post(request('tools/list', 6), session), 6);
    });

    it('answer 429 to modern clients as well', async () => {
      const place = somebody();
      for (let id = 1; id <= 5; id++) expect((await postModern(place, modernCall('crm__search', id))).status).toBe(200);
      expectHeldUp(await postModern(place, modernCall('crm__search', 6)), 6);
      expectHeldUp(await postModern(place, modern('subscriptions/listen', 7, { notifications: {} })), 7);
    });

    it('are an error over WebSocket, where the connection stays', async () => {
      const client = await somebody().introduced();
      for (let id = 1; id <= 4; id++) expect(await client.ask(call('crm__search', id))).toHaveProperty('result');
      for (let id = 5; id <= 8; id++) {
        expect(await client.ask(call('crm__search', id))).toEqual({ jsonrpc: '2.0', id, error: heldUp() });
      }
      expect(client.socket.readyState).toBe(client.socket.OPEN);
      client.socket.close();
    });

    it('are an error on the stream of HTTP+SSE', async () => {
      const client = await SseClient.introduced(somebody());
      for (let id = 1; id <= 4; id++) expect(await client.ask(call('crm__search', id))).toHaveProperty('result');
      expect(await client.ask(call('crm__search', 5))).toEqual({ jsonrpc: '2.0', id: 5, error: heldUp() });
      client.close();
    });

    it('are an error on a unix socket, where all clients are one', async () => {
      const [one, other] = [await LineClient.introduced(socket), await LineClient.introduced(socket)];
      for (let id = 1; id <= 3; id++) expect(await one.ask(call('crm__search', id))).toHaveProperty('result');
      expect(await other.ask(call('crm__search', 4))).toEqual({ jsonrpc: '2.0', id: 4, error: heldUp() });
      one.socket.destroy();
      other.socket.destroy();
    });
  });

  describe('of what no chain sees', () => {
    it('hold up whoever introduces itself again and again, and leave no session behind', async () => {
      const place = somebody();
      const answers: HttpAnswer[] = [];
      for (let id = 1; id <= 12; id++) answers.push(await place.post(initialize('2025-11-25', id)));
      expect(answers.map(({ status }) => status)).toEqual([...Array(5).fill(200), ...Array(7).fill(429)]);
      answers.slice(5).forEach((answer, at) => expectHeldUp(answer, at + 6));
      expect(answers.filter(({ headers }) => headers['mcp-session-id'])).toHaveLength(5);
    });

    it.each<[string, (place: Place) => Promise<HttpAnswer>, number]>([
      ['malformed bodies', (place) => place.post('{'), 400],
      ['a bad session', (place) => place.post(request('ping', 1), { 'mcp-session-id': 'x' }), 404],
      ['no session', (place) => place.post(request('tools/list', 1)), 400],
      ['a media type that nobody takes', (place) => place.post('x', { 'content-type': 'text/plain' }), 415],
      ['streams of no session', (place) => place.http('GET', { headers: { accept: 'text/event-stream' } }), 400],
      ['modern methods that there are not', (place) => postModern(place, modern('no/such', 1)), 404],
      ['modern headers that lie', (place) => postModern(place, modern('tools/list', 1), { 'mcp-method': 'x' }), 400],
    ])('hold up whoever sends %s, together with what else it asks', async (_, send, status) => {
      const place = somebody();
      const statuses: number[] = [];
      for (let count = 0; count < 7; count++) statuses.push((await send(place)).status);
      expect(statuses).toEqual([...Array(5).fill(status), 429, 429]);
      expect((await send(place)).headers['retry-after']).toMatch(/^\d+$/);
      expectHeldUp(await postModern(place, modernCall('crm__search', 6)), 6);
      expect((await postModern(somebody(), modernCall('crm__search', 7))).status).toBe(200);
    });

    it('hold up pings, together with what else the client asks', async () => {
      const client = await somebody().introduced();
      for (let id = 1; id <= 4; id++) expect(await client.ask(request('ping', id))).toHaveProperty('result');
      expect(await client.ask(request('ping', 5))).toEqual({ jsonrpc: '2.0', id: 5, error: heldUp() });
      expect(await client.ask(request('tools/list', 6))).toEqual({ jsonrpc: '2.0', id: 6, error: heldUp() });
      client.socket.close();
    });

    it('hold up modern clients that ask again and again what the gateway is', async () => {
      const place = somebody();
      for (let id = 1; id <= 5; id++) expect((await postModern(place, modern('server/discover', id))).status).toBe(200);
      expectHeldUp(await postModern(place, modern('server/discover', 6)), 6);
    });
  });

  describe('of one route and of one tool', () => {
    it('hold up a client on that route only', async () => {
      const place = somebody();
      const crm = await place.introduced('2025-11-25', '/mcp/crm');
      for (let id = 1; id <= 2; id++) expect(await crm.ask(call('search', id))).toHaveProperty('result');
      expect(await crm.ask(call('search', 3))).toEqual({ jsonrpc: '2.0', id: 3, error: heldUp('route') });
      crm.socket.close();
      const all = await place.connect();
      all.send(modernCall('crm__search', 4));
      expect(await all.next()).toHaveProperty('result');
      all.socket.close();
    });

    it('know a tool by its own name, whatever a route calls it', async () => {
      const place = somebody();
      expect((await postModern(place, modernCall('crm__slow_report', 1))).status).toBe(200);
      const refused = await postModern(place, modernCall('crm__slow_report', 2));
      expect(refused).toMatchObject({ status: 429, json: { error: heldUp('tool') } });
      expect(refused.headers['ratelimit-policy']).toBe('"tool";q=1;w=60');
      expect((await postModern(place, modernCall('crm__search', 3))).status).toBe(200);
      expect((await postModern(somebody(), modernCall('crm__slow_report', 4))).status).toBe(200);
    });
  });

  describe('of what one connection brings', () => {
    it('let notifications through in any number that makes sense', async () => {
      const client = await somebody().introduced();
      for (let count = 0; count < 40; count++) client.send(NOTE);
      expect(await client.ask(call('crm__search', 1))).toHaveProperty('result');
      client.socket.close();
    });

    it.each([
      ['notifications', JSON.stringify(NOTE)],
      ['junk', '{"jsonrpc":'],
      ['answers to nothing', '{"jsonrpc":"2.0","id":77,"result":{}}'],
      ['unknown methods', '{"jsonrpc":"2.0","id":1,"method":"who/knows"}'],
    ])('close a WebSocket that brings nothing but %s', async (_what, frame) => {
      const client = await somebody().introduced();
      for (let count = 0; count < 80; count++) client.send(frame);
      expect(await client.closed).toBe(1008);
    });

    it('close a unix connection that brings nothing but junk', async () => {
      const client = await LineClient.connect(socket);
      for (let count = 0; count < 80; count++) client.send(NOTE);
      await client.closed;
    });

    it('close a WebSocket that sends nothing but pings, or pongs', async () => {
      for (const control of ['ping', 'pong'] as const) {
        const client = await somebody().introduced();
        // More at once than the library will answer break the connection before they are counted.
        for (let count = 0; count < 5; count++) {
          for (let frame = 0; frame < 30; frame++) client.socket[control]();
          if (count < 3) await client.ask(request('ping', count));
        }
        expect(await client.closed).toBe(1008);
      }
    });
  });

  it('leave everybody else alone while one client makes all the noise it can', async () => {
    const noisy = somebody();
    const noise = Array.from({ length: 200 }, (_, id) => postModern(noisy, modernCall('crm__search', id)));
    const quiet = await Promise.all(Array.from({ length: 5 }, () => somebody().introduced()));
    const before = performance.now();
    for (const client of quiet) expect(await client.ask(call('crm__search', 1))).toHaveProperty('result');
    expect(performance.now() - before).toBeLessThan(brisk(2_000));
    const statuses = (await Promise.all(noise)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(195);
    for (const client of quiet) client.socket.close();
  });

  it('are counted by route and by limit, and say nothing of a Redis that nobody asked for', async () => {
    const metrics = await (await fetch(gateway.metricsUrl)).text();
    for (const [route, scope] of [
      ['mcp', 'client'],
      ['mcp', 'tool'],
      ['crm', 'route'],
    ]) {
      expect(metrics).toMatch(new RegExp(`mcp_gateway_rate_limited_total{route="${route}",scope="${scope}"} [1-9]`));
    }
    expect(metrics).not.toMatch(/^mcp_gateway_redis_up/m);
  });

  it('go and come with a reload, and cost an open connection nothing', async () => {
    const client = await somebody().introduced();
    for (let id = 1; id <= 4; id++) await client.ask(request('ping', id));
    expect(await client.ask(call('crm__search', 5))).toHaveProperty('error');
    gateway.rewrite(ground);
    await until(() => gateway.line('configuration applied'), 'the reload');
    for (let id = 6; id <= 100; id++) expect(await client.ask(call('crm__search', id))).toHaveProperty('result');
    gateway.rewrite(ground + LIMITS.replace('burst_size = 5', 'burst_size = 6'));
    const isBack = async (): Promise<boolean> => 'error' in (await client.ask(call('crm__search', 101)));
    await until(isBack, 'the limits to be back');
    client.socket.close();
  });
});
