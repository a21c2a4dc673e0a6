import { once } from 'node:events';
import { connect } from 'node:net';

import { DownstreamApp, initialize, request } from '../../../test/support/downstream.js';

const TYPES = 'Content-Type: application/json\r\nAccept: application/json, text/event-stream';
const STREAM = 'Accept: text/event-stream';
const PING = JSON.stringify(request('ping', 1));
const NOTE = '{"jsonrpc":"2.0","method":"notifications/initialized"}';
const REPLY = '{"jsonrpc":"2.0","id":"x","result":{}}';

/** What Streamable HTTP answers, read off a bare socket. `{T}`, `{B}` and `{S}` are sessions of three revisions. */
describe('the status', () => {
  let gateway: DownstreamApp;
  const tokens: Record<string, string> = {};

  beforeAll(async () => {
    gateway = await DownstreamApp.start({ ServerSection: { maxBodyBytes: 65_536 } });
    for (const [name, revision] of [
      ['T', '2025-11-25'],
      ['S', '2025-06-18'],
      ['B', '2025-03-26'],
    ] as const) {
      tokens[name] = (await gateway.session(revision))['mcp-session-id'] ?? '';
    }
  });
  afterAll(() => gateway.stop());

  const answer = async (head: string, body: string): Promise<string> => {
    const filled = head.replaceAll(/\{(\w)\}/g, (_, name: string) => tokens[name] ?? '');
    const socket = connect(gateway.port, '127.0.0.1');
    socket.write(`${filled}\r\nHost: localhost\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    const [said] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return said.toString();
  };

  it.each<[status: number, why: string, head: string, body?: string]>([
    [200, 'a request', `POST /mcp HTTP/1.1\r\n${TYPES}\r\nMcp-Session-Id: {T}`, PING],
    [200, 'an introduction', `POST /mcp HTTP/1.1\r\n${TYPES}`, JSON.stringify(initialize())],
    [202, 'a notification', `POST /mcp HTTP/1.1\r\n${TYPES}\r\nMcp-Session-Id: {T}`, NOTE],
    [202, 'a reply that nobody waits for', `POST /mcp HTTP/1.1\r\n${TYPES}\r\nMcp-Session-Id: {T}`, REPLY],
    [202, 'a batch of notifications', `POST /mcp HTTP/1.1\r\n${TYPES}\r\nMcp-Session-Id: {B}`, `[${NOTE},${NOTE}]`],
    [202, 'a batch of replies', `POST /mcp HTTP/1.1\r\n${TYPES}\r\nMcp-Session-Id: {B}`, `[${REPLY},${NOTE}]`],
    [200, 'a batch of requests', `POST /mcp HTTP/1.1\r\n${TYPES}\r\nMcp-Session-Id: {B}`, `[${PING},${NOTE}]`],
    [400, 'a batch of both', `POST /mcp HTTP/1.1\r\n${TYPES}\r\nMcp-Session-Id: {B}`, `[${PING},${REPLY}]`],
    [400, 'an empty batch', `POST /mcp HTTP/1.1\r\n${TYPES}\r\nMcp-Session-Id: {B}`, '[]'],
    [
      400,
      'a batch of more than a hundred',
      `POST /mcp HTTP/1.1\r\n${TYPES}\r\nMcp-Session-Id: {B}`,
      `[${Array.from({ length: 101 }, () => NOTE).join()}]`,
    ],
    [400, 'a batch in a revision without', `POST /mcp HTTP/1.1\r\n${TYPES}\r\nMcp-Session-Id: {S}`, `[${NOTE}]`],
    [400, 'a batch with an introduction', `POST /mcp HTTP/1.1\r\n${TYPES}`, `[${JSON.stringify(initialize())}]`],
    [400, 'no session', `POST /mcp HTTP/1.1\r\n${TYPES}`, PING],
    [404, 'a session that is unknown', `POST /mcp HTTP/1.1\r\n${TYPES}\r\nMcp-Session-Id: gone`, PING],
    [404, 'a session of another address', `POST /mcp/crm HTTP/1.1\r\n${TYPES}\r\nMcp-Session-Id: {T}`, PING],
    [
      400,
      'a revision that is not spoken',
      `POST /mcp HTTP/1.1\r\n${TYPES}\r\nMcp-Session-Id: {T}\r\nMCP-Protocol-Version: 1999-01-01`,
      PING,
    ],
    [406, 'JSON alone', 'POST /mcp HTTP/1.1\r\nContent-Type: application/json\r\nAccept: application/json', PING],
    [415, 'another type', `POST /mcp HTTP/1.1\r\nContent-Type: text/plain\r\n${STREAM}, application/json`, PING],
    [413, 'too much', `POST /mcp HTTP/1.1\r\n${TYPES}\r\nMcp-Session-Id: {T}`, ' '.repeat(65_537)],
    [400, 'no JSON', `POST /mcp HTTP/1.1\r\n${TYPES}\r\nMcp-Session-Id: {T}`, '{oops'],
    [200, 'a stream', `GET /mcp HTTP/1.1\r\n${STREAM}\r\nMcp-Session-Id: {T}`],
    [406, 'a stream that is not taken', 'GET /mcp HTTP/1.1\r\nAccept: application/json\r\nMcp-Session-Id: {T}'],
    [400, 'a stream of no session', `GET /mcp HTTP/1.1\r\n${STREAM}`],
    [404, 'a stream of an unknown session', `GET /mcp HTTP/1.1\r\n${STREAM}\r\nMcp-Session-Id: gone`],
    [
      400,
      'a stream that is unknown',
      `GET /mcp HTTP/1.1\r\n${STREAM}\r\nMcp-Session-Id: {T}\r\nLast-Event-ID: abcdef.p0.1`,
    ],
    [400, 'the end of no session', 'DELETE /mcp HTTP/1.1'],
    [404, 'the end of an unknown session', 'DELETE /mcp HTTP/1.1\r\nMcp-Session-Id: gone'],
    [200, 'the end of a session', 'DELETE /mcp HTTP/1.1\r\nMcp-Session-Id: {S}'],
    [404, 'the end of a session that has ended', 'DELETE /mcp HTTP/1.1\r\nMcp-Session-Id: {S}'],
    [405, 'another method', 'PUT /mcp HTTP/1.1'],
    [404, 'another address', `POST /mcp/nowhere HTTP/1.1\r\n${TYPES}`, PING],
  ])('is %i for %s', async (status, _, head, body = '') => {
    const said = await answer(head, body);
    expect(said.slice(0, said.indexOf('\r\n'))).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    if (status === 405) expect(said).toMatch(/\r\nallow: GET, POST, DELETE\r\n/i);
    if (status >= 400) expect(said).toMatch(/\r\ncontent-type: application\/json\r\n[^]*"error":\{"code":-32\d{3}/i);
  });
});
