import { connect } from 'node:net';
import { once } from 'node:events';

import { FOREIGN_HOSTS, FOREIGN_ORIGINS } from '../e2e/attacks/tables/origin.attacks.ts';
import { INTRODUCTION, EXAMPLE, gather, statusesOf, Target } from './support/target.ts';

const OWN_HOSTS = ['localhost', 'LOCALHOST:1', '127.0.0.1', '127.8.9.1:80', '[::1]', '[::1]:8080'];

/** Neither of this machine nor listed. */
const ORIGINS = [...FOREIGN_ORIGINS, 'https://app.example.evil.example', 'https://app.example:444'];

const POST = `Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\nContent-Length: ${INTRODUCTION.length}\r\n`;
const SURFACES: [name: string, line: string, rest: string][] = [
  ['POST /mcp', 'POST /mcp HTTP/1.1', `${POST}\r\n${INTRODUCTION}`],
  ['GET /mcp', 'GET /mcp HTTP/1.1', '\r\n'],
  ['DELETE /mcp', 'DELETE /mcp HTTP/1.1', '\r\n'],
  ['GET /api/v1/status', 'GET /api/v1/status HTTP/1.1', '\r\n'],
  ['HEAD /api/v1/status', 'HEAD /api/v1/status HTTP/1.1', '\r\n'],
  ['DELETE /api/v1/connections/x', 'DELETE /api/v1/connections/x HTTP/1.1', '\r\n'],
  ['GET /API/V1/STATUS/', 'GET /API/V1/STATUS/ HTTP/1.1', '\r\n'],
  ['GET /api/v1/openapi.json', 'GET /api/v1/openapi.json HTTP/1.1', '\r\n'],
];

// Bodies of forms, paths to nowhere and other methods are in the tables of `e2e/attacks`, for every way to be let in.
describe('requests that a web page could make', () => {
  let target: Target;

  beforeAll(async () => {
    target = await Target.start(`${EXAMPLE}[security]\nallowed_origins = ["https://app.example"]\n`);
  });
  afterEach(() => target.unharmed());
  afterAll(() => target?.stop());

  /** Statuses of one request on a connection that is closed behind it. */
  const ask = async (line: string, headers: string, rest = '\r\n'): Promise<number[]> =>
    statusesOf((await target.raw(`${line}\r\n${headers}Connection: close\r\n${rest}`)).text);

  describe.each(SURFACES)('%s', (_, line, rest) => {
    it('knows no other names than those of this machine', async () => {
      const statuses = await Promise.all(FOREIGN_HOSTS.map((host) => ask(line, `Host: ${host}\r\n`, rest)));
      expect(statuses).toEqual(FOREIGN_HOSTS.map(() => [403]));
      const own = await Promise.all(OWN_HOSTS.map((host) => ask(line, `Host: ${host}\r\n`, rest)));
      for (const status of own) expect(status).not.toEqual([403]);
    });

    it('knows no origin but its own and those that are listed', async () => {
      const from = (origin: string) => ask(line, `Host: localhost\r\nOrigin: ${origin}\r\n`, rest);
      expect(await Promise.all(ORIGINS.map(from))).toEqual(ORIGINS.map(() => [403]));
      for (const origin of ['http://localhost', 'https://app.example']) expect(await from(origin)).not.toEqual([403]);
    });
  });

  it.each(['/mcp', '/api/v1/status', '/api/v1/connections/x', '/health'])(
    'allows no page anything on %s',
    async (path) => {
      const preflight = 'Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type\r\n';
      for (const origin of ['https://evil.example', 'https://app.example', 'null']) {
        const head = `OPTIONS ${path} HTTP/1.1\r\nHost: localhost\r\nOrigin: ${origin}\r\n${preflight}`;
        const { text } = await target.raw(`${head}Connection: close\r\n\r\n`);
        expect(statusesOf(text)).not.toEqual([200]);
        expect(text).not.toMatch(/access-control-allow/i);
      }
    },
  );

  it.each(['/api/v1/connections/%E0%A4%A', '/%', '/api/v1/upstreams/%ff/status'])('cannot read %s', async (path) => {
    expect(await ask(`GET ${path} HTTP/1.1`, 'Host: localhost\r\n')).toEqual([400]);
  });

  it('believes nobody who says that he came through a proxy', async () => {
    const claims =
      'X-Forwarded-For: 10.9.8.7\r\nX-Real-IP: 10.9.8.7\r\nForwarded: for=10.9.8.7\r\nX-Forwarded-User: root\r\nX-Forwarded-Host: evil.example\r\n';
    const session = `${POST}\r\n${INTRODUCTION}`;
    expect(await ask('POST /mcp HTTP/1.1', `Host: localhost\r\n${claims}`, session)).toEqual([200]);
    expect(
      await ask('GET /api/v1/status HTTP/1.1', `Host: evil.example\r\n${claims}X-Forwarded-Host: localhost\r\n`),
    ).toEqual([403]);
    const { text } = await target.raw(
      'GET /api/v1/connections HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    );
    expect(text).toContain('127.0.0.1');
    expect(text).not.toMatch(/10\.9\.8\.7|root/);
  });

  it('answers probes under any name, and tells nothing by it', async () => {
    for (const path of ['/health', '/readiness', '/liveness']) {
      const { text } = await target.raw(`GET ${path} HTTP/1.1\r\nHost: 10.1.2.3\r\nConnection: close\r\n\r\n`);
      expect(statusesOf(text)).toEqual([200]);
      expect(text).not.toMatch(/127\.0\.0\.1|node |"id"|x-powered-by/i);
    }
  });

  it('shows metrics under the names of this machine only', async () => {
    const { port, pathname } = new URL(target.gateway.metricsUrl);
    const statusFor = async (host: string): Promise<number[]> => {
      const socket = connect(Number(port), '127.0.0.1');
      await once(socket, 'connect');
      socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      return statusesOf((await gather(socket, 1_000)).text);
    };
    for (const host of FOREIGN_HOSTS) expect([host, await statusFor(host)]).toEqual([host, [403]]);
    for (const host of OWN_HOSTS) expect(await statusFor(host)).toEqual([200]);
  });
});
