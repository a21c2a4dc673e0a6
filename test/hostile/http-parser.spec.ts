import { Authority } from '../support/certificates.ts';
import { EXAMPLE, INTRODUCTION, statusesOf, Target } from './support/target.ts';

const HOST = 'Host: localhost\r\n';
const JSON_TYPE = 'Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n';
const POST = `POST /mcp HTTP/1.1\r\n${HOST}${JSON_TYPE}`;
/** What a smuggler hides behind another request. */
const HIDDEN = `GET /api/v1/status HTTP/1.1\r\n${HOST}X-Hidden: 1\r\n\r\n`;
const CHUNKED = 'Transfer-Encoding: chunked\r\n';

const TIMES = 'headers_timeout = "1s"\nrequest_timeout = "2s"\n';

describe.each(['http', 'https'])('the HTTP parser under attack, over %s', (scheme) => {
  const authority = Authority.create();
  let target: Target;

  beforeAll(async () => {
    const { certFile, keyFile } = authority.trust().server();
    const tls = scheme === 'https' ? `[server.tls]\ncert_file = "${certFile}"\nkey_file = "${keyFile}"\n` : '';
    target = await Target.start(EXAMPLE + tls, TIMES);
  });
  afterEach(() => target.unharmed());
  afterAll(async () => {
    await target?.stop();
    authority.dispose();
  });

  it.each([
    ['two ways to tell the length', `${POST}Content-Length: 4\r\n${CHUNKED}\r\n0\r\n\r\n${HIDDEN}`],
    ['the same in the other order', `${POST}${CHUNKED}Content-Length: 4\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ['an unknown coding', `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ['chunked not as the last coding', `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ['two codings in two headers', `${POST}${CHUNKED}Transfer-Encoding: x\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ['a coding behind a tab', `${POST}Transfer-Encoding:\tchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ['a coding with a form feed', `${POST}Transfer-Encoding: \fchunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ['two lengths', `${POST}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x${HIDDEN}`],
    ['a list of lengths', `${POST}Content-Length: 2,2\r\n\r\n{}${HIDDEN}`],
    ['a signed length', `${POST}Content-Length: +2\r\n\r\n{}${HIDDEN}`],
    ['a hexadecimal length', `${POST}Content-Length: 0x2\r\n\r\n{}${HIDDEN}`],
    ['a length beyond all numbers', `${POST}Content-Length: 99999999999999999999999\r\n\r\n{}`],
    ['a chunk beyond all numbers', `${POST}${CHUNKED}\r\nfffffffffffffffff\r\n{}`],
    ['a negative chunk', `${POST}${CHUNKED}\r\n-1\r\n{}\r\n0\r\n\r\n${HIDDEN}`],
    ['a chunk that ends in LF', `${POST}${CHUNKED}\r\n2\n{}\r\n0\r\n\r\n${HIDDEN}`],
    ['a chunk longer than it says', `${POST}${CHUNKED}\r\n1\r\n{}\r\n0\r\n\r\n${HIDDEN}`],
    ['lines that end in LF', `POST /mcp HTTP/1.1\n${HOST}Content-Length: 0\n\n${HIDDEN}`],
    ['one header that ends in LF', `POST /mcp HTTP/1.1\r\n${HOST}X: y\nContent-Length: 0\r\n\r\n`],
    ['a folded header', `POST /mcp HTTP/1.1\r\n${HOST}X: a\r\n b\r\nContent-Length: 0\r\n\r\n`],
    ['a NUL in a header', `POST /mcp HTTP/1.1\r\n${HOST}X: a\0b\r\nContent-Length: 0\r\n\r\n`],
    ['a space before the colon', `POST /mcp HTTP/1.1\r\n${HOST}Content-Length : 2\r\n\r\n{}${HIDDEN}`],
    ['a header without a name', `POST /mcp HTTP/1.1\r\n${HOST}: x\r\nContent-Length: 0\r\n\r\n`],
    ['a space in the target', `GET /mcp /x HTTP/1.1\r\n${HOST}\r\n`],
    ['a version that does not exist', `GET /mcp HTTP/3.7\r\n${HOST}\r\n`],
    ['a method that does not exist', `HACK /mcp HTTP/1.1\r\n${HOST}\r\n`],
    ['HTTP/2 in the clear', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['TLS', Buffer.from('16030100a5010000a10303', 'hex')],
    ['no Host at all', 'POST /mcp HTTP/1.1\r\nContent-Length: 0\r\n\r\n'],
    ['two Hosts', `GET /api/v1/status HTTP/1.1\r\n${HOST}Host: evil.example\r\n\r\n`],
    ['two Origins', `GET /api/v1/status HTTP/1.1\r\n${HOST}Origin: a\r\nOrigin: b\r\n\r\n`],
    ['two session ids', `${POST}Mcp-Session-Id: a\r\nMcp-Session-Id: b\r\nContent-Length: 0\r\n\r\n`],
    ['two credentials', `${POST}Authorization: a\r\nAuthorization: b\r\nContent-Length: 0\r\n\r\n`],
  ])('answers 400 to %s, once, and serves nothing behind it', async (_, bytes) => {
    const { text } = await target.raw(bytes, 150);
    expect(statusesOf(text)).toEqual([400]);
    expect(text).not.toContain('uptime_seconds');
  });

  it.each([
    ['headers of 17 KiB', `GET /mcp HTTP/1.1\r\n${HOST}X: ${'a'.repeat(17_408)}\r\n\r\n`, 431],
    ['101 headers', `GET /api/v1/status HTTP/1.1\r\n${HOST}${'X: y\r\n'.repeat(100)}\r\n`, 431],
    ['trailers of 20 KB', `${POST}${CHUNKED}\r\n2\r\n{}\r\n0\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['a target of 8 KiB', `GET /mcp?${'a'.repeat(8_192)} HTTP/1.1\r\n${HOST}\r\n`, 414],
    ['a long target elsewhere', `GET /health?${'a'.repeat(8_192)} HTTP/1.1\r\n${HOST}\r\n`, 414],
    ['chunk extensions of 20 KB', `${POST}${CHUNKED}\r\n2;${'x'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`, 413],
    ['a body said to be 10 GB', `${POST}Content-Length: 10000000000\r\n\r\n{`, 413],
    ['a compressed body', `${POST}Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}`, 415],
    ['a chain of codings', `${POST}Content-Encoding: gzip, gzip, br\r\nContent-Length: 2\r\n\r\n{}`, 415],
    ['an expectation that nobody knows', `${POST}Expect: miracles\r\nContent-Length: 2\r\n\r\n{}`, 417],
    ['TRACE', `TRACE /mcp HTTP/1.1\r\n${HOST}X-Key: canary-trace\r\n\r\n`, 405],
    ['a method override', `PUT /mcp HTTP/1.1\r\n${HOST}X-HTTP-Method-Override: POST\r\nContent-Length: 0\r\n\r\n`, 405],
  ])('bounds %s', async (_, bytes, status) => {
    const { text } = await target.raw(bytes, 150);
    expect(statusesOf(text)).toEqual([status]);
  });

  it('makes no tunnel', async () => {
    expect(await target.raw(`CONNECT 127.0.0.1:22 HTTP/1.1\r\n${HOST}\r\n`)).toEqual({ text: '', closed: true });
  });

  it('does not switch to HTTP/2', async () => {
    const offer = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n';
    const { text } = await target.raw(`GET /liveness HTTP/1.1\r\n${HOST}${offer}\r\n`, 150);
    expect(statusesOf(text)).toEqual([200]);
  });

  it('takes what stands in the body of a GET for a body', async () => {
    const head = `GET /liveness HTTP/1.1\r\n${HOST}Content-Length: ${HIDDEN.length}\r\n\r\n`;
    const { text } = await target.raw(head + HIDDEN, 150);
    expect(statusesOf(text)).toEqual([200]);
    expect(text).not.toContain('uptime_seconds');
  });

  it('answers requests in a row in their order, each for itself', async () => {
    const post = `${POST}Content-Length: ${INTRODUCTION.length}\r\n\r\n${INTRODUCTION}`;
    const { text } = await target.raw(`${post}GET /nowhere HTTP/1.1\r\n${HOST}\r\n${post}`, 500);
    expect(statusesOf(text)).toEqual([200, 404, 200]);
  });

  it('waits for nobody who sends slowly', async () => {
    const slow = ['', 'POST /mcp HT', `POST /mcp HTTP/1.1\r\n${HOST}`, `${POST}Content-Length: 99\r\n\r\n{`];
    const answers = await Promise.all(slow.map((bytes) => target.raw(bytes, 5_000)));
    for (const { text, closed } of answers) {
      expect(statusesOf(text)).toEqual([408]);
      expect(closed).toBe(true);
    }
  });
});
