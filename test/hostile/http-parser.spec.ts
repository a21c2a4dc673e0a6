import { seen } from '../e2e/attacks/support/fortress.ts';
import { OPEN } from '../e2e/attacks/support/mode.ts';
import { PARSER_ATTACKS } from '../e2e/attacks/tables/parser.attacks.ts';
import { brisk } from '../support/brisk.ts';
import { Authority } from '../support/certificates.ts';
import { EXAMPLE, INTRODUCTION, statusesOf, Target } from './support/target.ts';

const HOST = 'Host: localhost\r\n';
const JSON_TYPE = 'Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n';
const POST = `POST /mcp HTTP/1.1\r\n${HOST}${JSON_TYPE}`;
/** What a smuggler hides behind another request. */
const HIDDEN = `GET /api/v1/status HTTP/1.1\r\n${HOST}X-Hidden: 1\r\n\r\n`;

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

  // Without TLS every way to be let in meets the same tables, in `e2e/attacks`.
  it.runIf(scheme === 'https')('answers what has two meanings once, and bounds the rest', async () => {
    const attacks = PARSER_ATTACKS.filter(({ row }) => row !== 'T37').map(({ what, send, expected }) => ({
      what,
      bytes: send('', OPEN),
      wanted: typeof expected === 'function' ? expected(OPEN) : expected,
    }));
    const answers = await Promise.all(
      attacks.map(async ({ what, bytes, wanted }) => [what, seen(await target.raw(bytes, brisk(600)), wanted)]),
    );
    expect(answers).toEqual(attacks.map(({ what, wanted }) => [what, wanted]));
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
