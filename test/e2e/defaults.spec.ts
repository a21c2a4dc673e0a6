import { connect as connectTcp } from 'node:net';

import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { raw, requestOf } from '../support/raw-request.ts';
import { initialize } from '../support/raw-clients.ts';
import { until } from '../support/until.ts';
import { Opcode, RawWebSocket } from '../hostile/support/frames.ts';
import { statusesOf, type RawAnswer } from '../hostile/support/target.ts';

const JSON_POST = 'Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n';
const MEBI = 1_024 * 1_024;

type Settings = Record<string, unknown>;

describe('a gateway whose configuration says nothing', { concurrent: false }, () => {
  let gateway: RunningGateway;
  let port: number;
  let config: Record<string, Settings & Record<string, Settings>>;

  beforeAll(async () => {
    // Its own rate is a default too.
    gateway = await startGateway(EPHEMERAL, { env: { MCP_GATEWAY__ADMIN__REQUESTS_PER_MINUTE: '', NODE_ENV: '' } });
    port = Number(new URL(gateway.url).port);
    config = await gateway.json('/api/v1/config');
  });

  afterAll(() => gateway?.stop());

  const say = (bytes: string | Buffer, withinMs?: number): Promise<RawAnswer> => raw(port, bytes, withinMs);
  const statusOf = async (bytes: string | Buffer): Promise<number | undefined> =>
    statusesOf((await say(bytes)).text)[0];
  const answerTo = (body: string | Buffer, headers = JSON_POST): Promise<RawAnswer> =>
    say(requestOf('POST /mcp', headers, body));
  const codeOf = async (body: string): Promise<number> => {
    const opened = await answerTo(JSON.stringify(initialize()));
    const [session] = /mcp-session-id: .*\r\n/i.exec(opened.text)!;
    return Number(/"code":(-?\d+)/.exec((await answerTo(body, JSON_POST + session)).text)?.[1] ?? 0);
  };

  it('1: listens on 127.0.0.1 alone, on every port', async () => {
    const addresses = [gateway.url, gateway.adminUrl, gateway.metricsUrl].map((url) => new URL(url));
    expect(addresses.map(({ hostname }) => hostname)).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.1']);
    for (const { port: other } of addresses) {
      const refused = new Promise((resolve) => {
        connectTcp(Number(other), '127.0.0.2').on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      });
      expect(await refused).toBe('ECONNREFUSED');
    }
  });

  it.each([
    ['localhost', 200],
    ['127.0.0.1', 200],
    ['[::1]:99', 200],
    ['evil.example', 403],
    ['localhost.evil.example', 403],
    ['192.168.0.1', 403],
  ])('2: is addressed as %s: %i', async (host, status) => {
    const body = JSON.stringify(initialize());
    expect(await statusOf(requestOf('POST /mcp', `Host: ${host}\r\n${JSON_POST}`, body))).toBe(status);
    expect(await statusOf(requestOf('GET /api/v1/status', `Host: ${host}\r\n`))).toBe(status);
    expect(await statusOf(requestOf('GET /liveness', `Host: ${host}\r\n`))).toBe(200);
  });

  it.each(['https://evil.example', 'http://localhost:1', 'null'])('3: knows no origin %s', async (origin) => {
    const body = JSON.stringify(initialize());
    expect(await statusOf(requestOf('POST /mcp', `Origin: ${origin}\r\n${JSON_POST}`, body))).toBe(403);
    expect(await statusOf(requestOf('GET /api/v1/status', `Origin: ${origin}\r\n`))).toBe(403);
    expect(await statusOf(requestOf('POST /mcp', JSON_POST, body))).toBe(200);
  });

  it('4: speaks no CORS', async () => {
    for (const path of ['/mcp', '/sse', '/api/v1/status', '/health', '/.well-known/oauth-protected-resource']) {
      const asked = 'Origin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n';
      const { text } = await say(requestOf(`OPTIONS ${path}`, asked));
      expect(text).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(text).not.toMatch(/access-control-/i);
    }
  });

  it('9: has the admin API on its port, for everybody on this machine, without cookies', async () => {
    const answer = await fetch(gateway.adminUrl);
    expect(answer.status).toBe(200);
    expect(new URL(gateway.adminUrl).origin).toBe(gateway.origin);
    expect(answer.headers.has('set-cookie')).toBe(false);
  });

  it('10: lets nobody add a server', async () => {
    const body = JSON.stringify({ command: 'touch', args: ['/tmp/canary'] });
    const headers = { 'content-type': 'application/json' };
    for (const method of ['POST', 'PUT', 'PATCH']) {
      const url = `${gateway.origin}/api/v1/upstreams`;
      expect((await fetch(url, { method })).status).toBe(404);
      expect((await fetch(url, { method, headers, body })).status).toBe(400);
    }
  });

  it('13: takes 16 KiB of headers, 100 of them, and a URI of 8 KiB', async () => {
    const filled = (bytes: number): string => `X-Fill: ${'x'.repeat(bytes)}\r\n`;
    const headers = (count: number): string => 'X-Many: y\r\n'.repeat(count);
    expect(await statusOf(requestOf('GET /liveness', filled(15_000)))).toBe(200);
    expect(await statusOf(requestOf('GET /liveness', filled(16_400)))).toBe(431);
    expect(await statusOf(requestOf('GET /liveness', headers(98)))).toBe(200);
    expect(await statusOf(requestOf('GET /liveness', headers(99)))).toBe(431);
    expect(await statusOf(requestOf(`GET /liveness?${'q'.repeat(8_192 - 10)}`))).toBe(200);
    expect(await statusOf(requestOf(`GET /liveness?${'q'.repeat(8_193 - 10)}`))).toBe(414);
  });

  it.each(['Host', 'Authorization', 'Origin', 'Mcp-Session-Id', 'Mcp-Method', 'Mcp-Anything'])(
    '13: takes no second %s',
    async (name) => {
      const twice = `${name}: localhost\r\n`.repeat(2);
      expect(await statusOf(requestOf('POST /mcp', `${twice}${JSON_POST}`, '{}'))).toBe(400);
    },
  );

  it('15: keeps an idle connection for 65 s and 10,000 requests', async () => {
    const { text } = await say('GET /liveness HTTP/1.1\r\nHost: localhost\r\n\r\n', 300);
    expect(text).toMatch(/keep-alive: timeout=65, max=10000\r\n/i);
  });

  it('16: does not wait for a body of more than 4 MiB, and hangs up', async () => {
    const head = (length: number): string =>
      `POST /mcp HTTP/1.1\r\nHost: localhost\r\n${JSON_POST}Content-Length: ${length}\r\n\r\n{`;
    const began = performance.now();
    const { text, closed } = await say(head(10 * 1_024 * MEBI));
    expect(statusesOf(text)).toEqual([413]);
    expect(text).toMatch(/connection: close\r\n/i);
    expect(closed).toBe(true);
    expect(performance.now() - began).toBeLessThan(4_000);
    expect(statusesOf((await say(head(4 * MEBI + 1), 200)).text)).toEqual([413]);
    expect(statusesOf((await say(head(4 * MEBI), 200)).text)).toEqual([]);
  });

  it.each([
    ['Content-Type: text/plain\r\n', 415],
    ['Content-Type: application/json\r\nContent-Encoding: gzip\r\n', 415],
  ])('16: reads no body with %j', async (headers, status) => {
    const accept = 'Accept: application/json, text/event-stream\r\n';
    expect(statusesOf((await answerTo('{}', headers + accept)).text)).toEqual([status]);
  });

  const ping = (params: string, id = '1', method = 'ping'): string =>
    `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`;

  it.each([
    ['64 levels', ping(nested(63)), 0],
    ['65 levels', ping(nested(64)), -32_700],
    ['10,000 keys', ping(keys(10_000)), 0],
    ['10,001 keys', ping(keys(10_001)), -32_700],
    ['an id of 256 characters', ping('{}', `"${'i'.repeat(256)}"`), 0],
    ['an id of 257 characters', ping('{}', `"${'i'.repeat(257)}"`), -32_600],
    ['the largest safe id', ping('{}', String(Number.MAX_SAFE_INTEGER)), 0],
    ['an id that is not safe', ping('{}', '9007199254740993'), -32_600],
    ['a method of 128 characters', ping('{}', '1', 'm'.repeat(128)), -32_601],
    ['a method of 129 characters', ping('{}', '1', 'm'.repeat(129)), -32_600],
    ['a batch', `[${ping('{}')}]`, -32_600],
  ])('17: answers %s with a result or an error', async (_, body, code) => {
    expect(await codeOf(body)).toBe(code);
  });

  it('18: agrees on no compression, and takes 4 MiB, 1,024 pieces and valid UTF-8', async () => {
    const offer = 'Sec-WebSocket-Protocol: mcp\r\nSec-WebSocket-Extensions: permessage-deflate\r\n';
    const upgrade = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${offer}`;
    const { text } = await say(`GET /mcp HTTP/1.1\r\nHost: localhost\r\n${upgrade}\r\n`, 200);
    expect(text).toMatch(/^HTTP\/1\.1 101 /);
    expect(text).not.toMatch(/sec-websocket-extensions/i);

    const piece = { opcode: Opcode.CONTINUATION, payload: ' ', fin: false };
    const closings = [
      [{ opcode: Opcode.TEXT, payload: Buffer.alloc(4 * MEBI + 1, 32) }],
      [{ opcode: Opcode.TEXT, payload: Buffer.from([0xff]) }],
      [{ ...piece, opcode: Opcode.TEXT }, ...Array.from({ length: 1_024 }, () => piece)],
    ];
    for (const [index, frames] of closings.entries()) {
      const socket = await RawWebSocket.open(port);
      socket.send(...frames);
      await until(() => socket.closed || socket.closeCode !== undefined, 'a close');
      expect(socket.closeCode).toBe([1_009, 1_007, 1_008][index]);
      socket.socket.destroy();
    }
  });

  it('20: answers a few pings, and ends a connection that floods it with them', async () => {
    const socket = await RawWebSocket.open(port);
    const pings = (count: number): void =>
      void socket.send(...Array.from({ length: count }, () => ({ opcode: Opcode.PING })));
    pings(20);
    await until(() => socket.pongs === 20, 'all pongs');
    pings(500);
    await until(() => socket.closed, 'the end of the connection');
    expect(socket.pongs).toBeLessThan(150);
  });

  it('30: takes SIGHUP for a reload', async () => {
    gateway.process.kill('SIGHUP');
    await until(() => gateway.lines.some(({ msg }) => /unchanged|generation|reload/i.test(msg ?? '')), 'the reload');
    expect((await fetch(`${gateway.origin}/liveness`)).status).toBe(200);
  });

  it('35: says nothing of what it is made of, whatever NODE_ENV', async () => {
    const metrics = Number(new URL(gateway.metricsUrl).port);
    const answers = [
      await answerTo('{'),
      await say(requestOf('GET /nowhere')),
      await say(requestOf('GET /%')),
      await say(requestOf('POST /api/v1/config/reload', 'Content-Type: application/json\r\n', '{')),
      await say(requestOf('GET /api/v1/upstreams/%ff/status')),
      await say(requestOf('BREW /mcp')),
      await raw(metrics, requestOf('GET /metrics')),
      await raw(metrics, requestOf('GET /%')),
    ];
    for (const { text } of answers) {
      expect(text).toMatch(/^HTTP\/1\.1 \d{3} /);
      expect(text).not.toMatch(/x-powered-by|express|\n\s+at |node_modules|node:internal|<html/i);
    }
  });

  it('36: logs lines of JSON', () => {
    for (const line of gateway.lines)
      expect(line).toMatchObject({ level: expect.any(String), time: expect.any(String) });
  });

  it('37: tells probes little, and has its metrics elsewhere', async () => {
    const opened = await answerTo(JSON.stringify(initialize()));
    const id = /mcp-session-id: (\S+)/i.exec(opened.text)![1]!;
    for (const path of ['/health', '/liveness', '/readiness']) {
      const text = await (await fetch(gateway.origin + path)).text();
      expect(text).not.toContain(id);
      expect(text).not.toMatch(/version|pid|path|127\.0\.0\.1/);
    }
    expect((await fetch(`${gateway.origin}/metrics`)).status).toBe(404);
    expect(new URL(gateway.metricsUrl).hostname).toBe('127.0.0.1');
  });

  it.each<[row: string, section: string, settings: Settings]>([
    ['2, 3, 5', 'security', { allow_anonymous: false, allowed_hosts: [], allowed_origins: [] }],
    ['4', 'security', { cors: expect.objectContaining({ enabled: false, allow_credentials: false }) }],
    ['6', 'security', { auth: expect.objectContaining({ jwt: expect.objectContaining({ clock_skew: '30s' }) }) }],
    ['9', 'admin', { host: '127.0.0.1', api_keys: [], users: [], jwt_roles: {}, requests_per_minute: 300 }],
    ['11', 'outbound', { allowed_networks: [], timeout: '5s', max_bytes: MEBI }],
    ['14', 'server', { headers_timeout: '10s', request_timeout: '30s' }],
    ['15', 'server', { keepalive_timeout: '65s', max_connections: 10_000 }],
    ['16', 'server', { max_body_bytes: 4 * MEBI }],
    ['17', 'server', { max_depth: 64, max_keys: 10_000 }],
    ['18', 'server', { ping_interval: '30s' }],
    ['19', 'server', { queue_soft_bytes: MEBI, queue_hard_bytes: 16 * MEBI }],
    ['20', 'security', { rate_limiting: expect.objectContaining({ enabled: false }) }],
    ['20', 'security', { auth: expect.objectContaining({ failed_per_minute: 10 }) }],
    ['21', 'session', { max_sessions: 10_000, max_sessions_per_principal: 1_000, idle_timeout: '30m', max_age: '1d' }],
    ['22', 'server', { max_in_flight: 64 }],
    ['22', 'upstream', { max_in_flight: 1_024 }],
    ['23', 'upstream', { connect_timeout: '5s', initialize_timeout: '10s' }],
    ['23', 'middleware', { timeout: { request: '1m', upstream: '1m', input: '10m' } }],
    ['24', 'upstream', { max_message_bytes: 16 * MEBI }],
    ['26', 'upstream', { circuit_breaker: expect.objectContaining({ failure_threshold: 5, open_duration: '5s' }) }],
    ['26', 'upstream', { circuit_breaker: expect.objectContaining({ enabled: true, max_open_duration: '1m' }) }],
    ['27', 'upstream', { reconnect: { min: '250ms', max: '30s' } }],
    ['28', 'upstream', { health_check: expect.objectContaining({ enabled: true, interval: '15s', jitter: 0.2 }) }],
    ['28', 'upstream', { health_check: expect.objectContaining({ unhealthy_threshold: 3, healthy_threshold: 2 }) }],
    ['30', 'server', { shutdown_timeout: '30s' }],
    ['31', 'gateway', { list_ttl: '1m', public_lists: false, list_max_items: 10_000 }],
    ['32', 'redis', { command_timeout: '100ms', key_prefix: 'mcp-gateway:' }],
    ['33', 'server', { tls: { min_version: '1.2', client_auth: 'none' } }],
    ['36', 'logging', { level: 'info' }],
    ['37', 'metrics', { enabled: true, host: '127.0.0.1' }],
  ])('%s: [%s] has %o', (_, section, settings) => {
    expect(config[section]).toMatchObject(settings);
  });
});

/** So many arrays in an object. */
function nested(depth: number): string {
  return `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
}

function keys(count: number): string {
  return `{${Array.from({ length: count }, (_, n) => `"k${n}":0`).join(',')}}`;
}
