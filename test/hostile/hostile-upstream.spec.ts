import { gzipSync } from 'node:zlib';

import { textOf } from '../support/clients.ts';
import { call, request, type Json, type WsClient } from '../support/raw-clients.ts';
import { until } from '../support/until.ts';
import { type Deed, fine, type Hit, HostileUpstream, type Kind, KINDS } from './support/hostile-upstream.ts';
import { Target } from './support/target.ts';

const MEBI = 1_048_576;
const SEPARATORS = 'a\u2028b\u2029c\r\n\n\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\nid: 7\n\u001b[31m\ud83d\ude00';

/** `ok`: the reply comes all the same. Otherwise the reason of the failure that the client hears of. */
type Outcome = 'ok' | 'upstream_protocol_error' | 'upstream_unavailable' | 'upstream_timeout';
type Outcomes = Outcome | Readonly<Record<Kind, Outcome>>;

/** Over HTTP the reply can only come on its own response, so what comes instead is known to be wrong at once. */
const LOST: Outcomes = { stdio: 'upstream_timeout', ws: 'upstream_timeout', http: 'upstream_unavailable' };
const BROKEN = 'upstream_protocol_error';

const end = ({ response }: Hit): unknown => response?.end();
const progress = (id: unknown, value: unknown): Json => ({
  jsonrpc: '2.0',
  method: 'notifications/progress',
  params: { progressToken: id, progress: value },
});

const DEEDS: Record<string, { deed: Deed; outcome: Outcomes }> = {
  fine: { deed: ({ id, say }) => say(fine(id)), outcome: 'ok' },
  'wrong id': { deed: (hit) => (hit.say(fine(hit.id + 100_000)), end(hit)), outcome: LOST },
  'id of another type': { deed: (hit) => (hit.say(fine(String(hit.id))), end(hit)), outcome: LOST },
  'id of all objects': { deed: (hit) => (hit.say(fine('__proto__')), end(hit)), outcome: LOST },
  'no id': { deed: (hit) => (hit.say('{"jsonrpc":"2.0","result":{}}'), end(hit)), outcome: LOST },
  twice: { deed: ({ id, say }) => (say(fine(id)), say(fine(id, 'again'))), outcome: 'ok' },
  'late and twice': {
    deed: ({ id, say }) => (say(fine(id)), setTimeout(() => say(fine(id, 'late')), 20)),
    outcome: 'ok',
  },
  'answers to everybody': {
    deed: ({ id, say }) => {
      for (let other = id - 25; other < id + 25; other++) if (other !== id) say(fine(other, 'stolen'));
      say(fine(id));
    },
    outcome: 'ok',
  },
  both: {
    deed: ({ id, say }) => say(`{"jsonrpc":"2.0","id":${id},"result":{},"error":{"code":1,"message":"x"}}`),
    outcome: BROKEN,
  },
  neither: { deed: ({ id, say }) => say(`{"jsonrpc":"2.0","id":${id}}`), outcome: BROKEN },
  'a null result': { deed: ({ id, say }) => say(`{"jsonrpc":"2.0","id":${id},"result":null}`), outcome: BROKEN },
  'an error without code': {
    deed: ({ id, say }) => say(`{"jsonrpc":"2.0","id":${id},"error":{"message":"canary-error"}}`),
    outcome: BROKEN,
  },
  'too deep': {
    deed: (hit) => (
      hit.say(`{"jsonrpc":"2.0","id":${hit.id},"result":{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`),
      end(hit)
    ),
    outcome: LOST,
  },
  'half a message': { deed: (hit) => (hit.say(`{"jsonrpc":"2.0","id":${hit.id},"resu`), end(hit)), outcome: LOST },
  'noise before it': {
    deed: ({ id, say }) => (say('Listening on canary-port'), say('{}'), say('[]'), say(fine(id))),
    outcome: 'ok',
  },
  'members of all objects': {
    deed: ({ id, say }) =>
      say(
        `{"jsonrpc":"2.0","id":${id},"result":{"__proto__":{"content":[]},"constructor":{"prototype":{"x":1}},"content":[{"type":"text","text":"fine"}]}}`,
      ),
    outcome: 'ok',
  },
  'text that breaks out': { deed: ({ id, say }) => say(fine(id, SEPARATORS)), outcome: 'ok' },
  'progress that runs backwards': {
    deed: ({ id, say }) => {
      for (const value of [1, 5, 5, 3, 'x', null, -1, 6]) say(progress(id, value));
      say(progress(id + 1, 99));
      say(progress(String(id), 98));
      say(progress('__proto__', 97));
      say(fine(id));
      setTimeout(() => say(progress(id, 100)), 5);
    },
    outcome: 'ok',
  },
  '2,000 notifications': {
    deed: ({ id, say }) => {
      for (let value = 1; value <= 2_000; value++) say(progress(id, value));
      say(fine(id));
    },
    outcome: 'ok',
  },
  '2 MiB': {
    deed: ({ id, say }) => say(fine(id, 'x'.repeat(2 * MEBI))),
    outcome: { stdio: 'upstream_unavailable', ws: 'upstream_unavailable', http: BROKEN },
  },
  'no end': {
    deed: ({ bytes, kind }) => {
      if (kind === 'ws') bytes(Buffer.from([0x81, 127, 0, 0, 0, 1, 0, 0, 0, 0]));
      bytes(kind === 'http' ? 'data: ' : '{"x":"');
      for (let n = 0; n < 32; n++) bytes('x'.repeat(65_536));
    },
    outcome: { stdio: 'upstream_unavailable', ws: 'upstream_unavailable', http: BROKEN },
  },
  'bytes that are not UTF-8': {
    deed: (hit) => {
      const text = Buffer.from(`{"jsonrpc":"2.0","id":${hit.id},"result":{"\xff":1}}`, 'latin1');
      if (hit.kind === 'ws') hit.bytes(Buffer.concat([Buffer.from([0x81, text.length]), text]));
      else hit.bytes(Buffer.concat([Buffer.from(hit.kind === 'http' ? 'data: ' : ''), text, Buffer.from('\n\n')]));
      end(hit);
    },
    outcome: { stdio: 'upstream_timeout', ws: 'upstream_unavailable', http: 'upstream_unavailable' },
  },
};

const QUESTIONS = ['ping', 'sampling/createMessage', 'elicitation/create', 'roots/list', '__proto__'];
const BOMB = gzipSync(Buffer.alloc(64 * MEBI));

/** Ways to answer a POST that only HTTP has. */
const RESPONSES: Record<
  string,
  { deed: (hit: Hit & { response: NonNullable<Hit['response']> }) => void; outcome: Outcome }
> = {
  'a redirect': {
    deed: ({ response }) => response.writeHead(307, { location: 'http://127.0.0.1:1/canary-redirect' }).end(),
    outcome: BROKEN,
  },
  'a page': {
    deed: ({ response }) => response.writeHead(200, { 'content-type': 'text/html' }).end('canary-page'),
    outcome: BROKEN,
  },
  'a stack': {
    deed: ({ response }) => response.writeHead(500).end('Error: canary-stack\n    at x (/srv/canary-path.js:1:1)'),
    outcome: BROKEN,
  },
  'please log in': {
    deed: ({ response }) =>
      response.writeHead(401, { 'www-authenticate': 'Bearer realm="canary-realm"' }).end('canary-login'),
    outcome: BROKEN,
  },
  'too many requests': {
    deed: ({ response }) => response.writeHead(429, { 'retry-after': '99999999' }).end(),
    outcome: 'upstream_unavailable',
  },
  'nothing at all': { deed: ({ response }) => response.writeHead(204).end(), outcome: BROKEN },
  'a compressed bomb': {
    deed: ({ response }) =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(BOMB),
    outcome: BROKEN,
  },
  'two responses': {
    deed: ({ id, response }) => {
      const body = JSON.stringify(fine(id));
      response.socket?.end(
        `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}HTTP/1.1 200 OK\r\n\r\n`,
      );
    },
    outcome: 'ok',
  },
  'a length that lies': {
    deed: ({ response }) =>
      response.socket?.end('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{'),
    outcome: 'upstream_unavailable',
  },
  'no HTTP': { deed: ({ response }) => response.socket?.end('SSH-2.0-canary\r\n'), outcome: 'upstream_unavailable' },
  'a session id that is none': {
    deed: ({ id, response }) =>
      response
        .writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 'a b' })
        .end(JSON.stringify(fine(id))),
    outcome: 'ok',
  },
  'an event id that is no header': {
    deed: ({ response }) =>
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .end('id: \u00e9\u0001\u2603\nretry: 1\ndata: {}\n\n'),
    outcome: 'upstream_unavailable',
  },
  'an event id of 100 KB': {
    deed: ({ response }) =>
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .end(`id: ${'x'.repeat(100_000)}\nretry: 1\ndata:\n\n`),
    outcome: 'upstream_unavailable',
  },
};

describe.each(KINDS)('a hostile server over %s', (kind) => {
  let target: Target;
  let upstream: HostileUpstream;
  let client: WsClient;

  beforeAll(async () => {
    const deeds = Object.fromEntries(Object.entries(DEEDS).map(([name, { deed }]) => [name, deed]));
    const responses = Object.fromEntries(Object.entries(RESPONSES).map(([name, { deed }]) => [name, deed as Deed]));
    const questions: Deed = ({ say }) => QUESTIONS.forEach((method, n) => say(request(method, `q${n}`, {})));
    upstream = await HostileUpstream.start(kind, { ...deeds, ...(kind === 'http' && responses), questions });
    target = await Target.start(`
[middleware.timeout]
upstream = "600ms"
[upstream]
max_message_bytes = ${MEBI}
[upstream.reconnect]
min = "10ms"
max = "10ms"
[upstream.circuit_breaker]
enabled = false
[[upstream.groups.default.servers]]
${upstream.toml()}`);
    client = await target.introduced();
  });
  afterEach(async () => {
    await until(async () => 'result' in (await exchange('fine')).reply, 'the server to be back');
    await target.unharmed();
  });
  afterAll(async () => {
    client?.socket.terminate();
    await target?.stop();
    upstream?.stop();
  });

  let lastId = 0;
  /** Calls a tool; the reply, and what came before it. */
  const exchange = async (name: string): Promise<{ before: Json[]; reply: Json }> => {
    const before: Json[] = [];
    const id = ++lastId;
    client.send(call(name, id, { _meta: { progressToken: 'mine' } }));
    for (;;) {
      const message = await client.next();
      target.heard(JSON.stringify(message));
      if (!('method' in message)) {
        expect(message['id']).toBe(id);
        return { before, reply: message };
      }
      before.push(message);
    }
  };

  const expectOutcome = (reply: Json, outcome: Outcomes): void => {
    const expected = typeof outcome === 'string' ? outcome : outcome[kind];
    if (expected === 'ok')
      expect(reply, JSON.stringify(reply).slice(0, 200)).toMatchObject({ result: { content: [{ type: 'text' }] } });
    else expect(reply).toMatchObject({ error: { code: -32_603, data: { reason: expected } } });
  };

  it.each(Object.entries(DEEDS))('%s', async (name, { outcome }) => {
    expectOutcome((await exchange(name)).reply, outcome);
  });

  it.runIf(kind === 'http').each(Object.entries(RESPONSES))('answers with %s', async (name, { outcome }) => {
    expectOutcome((await exchange(name)).reply, outcome);
  });

  it('lets progress through that grows, before the reply, in order', async () => {
    const { before } = await exchange('progress that runs backwards');
    expect(before.map(({ params }) => params)).toEqual(
      [1, 5, 6].map((value) => ({ progressToken: 'mine', progress: value })),
    );
    const flood = (await exchange('2,000 notifications')).before.map(({ params }) => (params as Json)['progress']);
    expect(flood).toEqual(Array.from({ length: 2_000 }, (_, n) => n + 1));
  });

  it('hands on text that breaks out of nothing', async () => {
    const session = await target.session();
    const { text } = await target.post(call('text that breaks out', 1, { _meta: { progressToken: 1 } }), session);
    const data = text.split('\n').filter((line) => line.startsWith('data: '));
    const body = data.length > 0 ? data.at(-1)!.slice(6) : text;
    expect(textOf((JSON.parse(body) as Json)['result'])).toBe(SEPARATORS);
    expect(data.length).toBeLessThan(2);
  });

  it('gets an answer to whatever it asks, at once', async () => {
    upstream.replies.length = 0;
    const asked = exchange('questions');
    await until(() => upstream.replies.length === QUESTIONS.length, 'the answers');
    expect(upstream.replies.toSorted((a, b) => String(a['id']).localeCompare(String(b['id'])))).toMatchObject([
      { id: 'q0', result: {} },
      { id: 'q1', error: { code: -1 } },
      { id: 'q2', result: { action: 'cancel' } },
      { id: 'q3', error: { code: -32_601 } },
      { id: 'q4', error: { code: -32_601 } },
    ]);
    upstream.lastHit?.say(fine(upstream.lastHit.id));
    await asked;
  });

  it('gets nothing of the client’s but the message', async () => {
    upstream.requests.length = 0;
    const secrets = {
      authorization: 'Bearer canary-bearer',
      cookie: 'session=canary-cookie',
      'x-api-key': 'canary-key',
      'x-upstream-authorization': 'canary-upstream',
      'last-event-id': 'canary-event',
    };
    const session = await target.session();
    expect((await target.post(call('fine', 'canary-id'), { ...session, ...secrets })).status).toBe(200);
    const { message, headers } = upstream.requests.at(-1)!;
    expect(JSON.stringify([message, headers])).not.toContain('canary-');
    expect(headers['mcp-session-id']).not.toBe(session['mcp-session-id']);
  });

  it.runIf(kind === 'stdio')('sees of the environment what it must', () => {
    const known = ['PATH', 'HOME', 'LANG', 'TZ'].filter((name) => process.env[name] !== undefined);
    expect(Object.keys(upstream.environment).toSorted()).toEqual(known.toSorted());
  });
});
