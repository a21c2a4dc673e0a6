import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Subject } from 'rxjs';

import type { ConfigService } from '../../config/index.js';
import { noteConnection } from '../../core/client-connection.js';
import { responsesWith } from './front-response.js';
import { HeadersSection } from './headers.section.js';
import { SecurityHeaders } from './security-headers.js';

const CSP = "default-src 'none'; frame-ancestors 'none'";
const USUAL = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'content-security-policy': CSP,
};

describe('security headers', () => {
  const changes = new Subject<{ next: { get(): HeadersSection } }>();
  const config = { get: () => new HeadersSection(), changes } as unknown as ConfigService;
  const headers = new SecurityHeaders(config);
  const change = (keys: Partial<HeadersSection>): void =>
    changes.next({ next: { get: () => Object.assign(new HeadersSection(), keys) } });
  let answer: (response: ServerResponse, request: IncomingMessage) => void;
  let server: Server;

  beforeAll(async () => {
    const responses = responsesWith((asked) => headers.of(asked));
    server = createServer({ ServerResponse: responses }, (asked, response) => answer(response, asked));
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => change({}));

  async function heard(host = 'gw.example'): Promise<{ own: object; fixed: object; status: string }> {
    const { port } = server.address() as AddressInfo;
    const asked = request({ port, host: '127.0.0.1', agent: false, headers: { host } }).end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.resume();
    const { date: _date, connection: _connection, ...all } = response.headers;
    const isFixed = (name: string): boolean => name in USUAL || name === 'strict-transport-security';
    const some = (fixed: boolean) =>
      Object.fromEntries(Object.entries(all).filter(([name]) => isFixed(name) === fixed));
    return { own: some(false), fixed: some(true), status: `${response.statusCode} ${response.statusMessage}` };
  }

  it.each<[string, (response: ServerResponse) => void, object, string]>([
    [
      'headers at once',
      (response) => response.writeHead(202, { 'content-length': 0, 'set-cookie': ['a', 'b'] }),
      { 'content-length': '0', 'set-cookie': ['a', 'b'] },
      '202 Accepted',
    ],
    [
      'headers one by one',
      (response) => response.setHeader('allow', 'GET').writeHead(405, { 'content-length': 0 }),
      { allow: 'GET', 'content-length': '0' },
      '405 Method Not Allowed',
    ],
    [
      'a list of headers',
      (response) => response.writeHead(200, ['content-length', '0', 'allow', 'GET']),
      { allow: 'GET', 'content-length': '0' },
      '200 OK',
    ],
    [
      'a reason of its own',
      (response) => response.writeHead(200, 'Fine', { 'content-length': 0 }),
      { 'content-length': '0' },
      '200 Fine',
    ],
    ['no headers', (response) => response.writeHead(204), {}, '204 No Content'],
    ['no word', () => undefined, { 'content-length': '0' }, '200 OK'],
  ])('go with an answer of %s', async (_, head, own, status) => {
    answer = (response) => {
      head(response);
      response.end();
    };
    expect(await heard()).toEqual({ own, fixed: USUAL, status });
    change({ enabled: false });
    expect(await heard()).toEqual({ own, fixed: {}, status });
  });

  it('are those of the configuration', async () => {
    answer = (response) => response.writeHead(200, { 'content-length': 0 }).end();
    change({ contentTypeOptions: false, frameOptions: 'sameorigin', referrerPolicy: '', contentSecurityPolicy: 'x' });
    expect((await heard()).fixed).toEqual({ 'x-frame-options': 'SAMEORIGIN', 'content-security-policy': 'x' });
  });

  it('promise https where a proxy says that it is spoken, if that is wanted', async () => {
    answer = (response, asked) => {
      noteConnection(asked, { address: '203.0.113.9', secure: true });
      response.writeHead(200, { 'content-length': 0 }).end();
    };
    expect((await heard()).fixed).toEqual(USUAL);
    change({ hsts: 'proxy', hstsMaxAge: 60_000, hstsIncludeSubdomains: true });
    const strict = { ...USUAL, 'strict-transport-security': 'max-age=60; includeSubDomains' };
    expect((await heard()).fixed).toEqual(strict);
    for (const host of ['localhost:1', '127.0.0.1', '[::1]:8080']) expect((await heard(host)).fixed).toEqual(USUAL);
  });
});
