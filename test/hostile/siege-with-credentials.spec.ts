import { createHash } from 'node:crypto';
import { connect } from 'node:net';

import { brisk } from '../support/brisk.ts';
import { headersOf, listen, modern, openModern } from '../support/modern.ts';
import { call, initialize, postOf, request, type Json } from '../support/raw-clients.ts';
import { ScriptedUpstream } from '../support/scripted-upstream.ts';
import { SseClient } from '../support/sse-client.ts';
import { until } from '../support/until.ts';
import { Target } from './support/target.ts';

const MEBI = 1_048_576;
const KEYS = { good: 'canary-key-of-the-good-0123456789abc', evil: 'canary-key-of-the-evil-0123456789abc' } as const;
const as = (name: keyof typeof KEYS): Record<string, string> => ({ 'x-api-key': KEYS[name] });
const BIG = JSON.stringify({ content: [{ type: 'text', text: 'x'.repeat(MEBI) }] });
const ROUNDS = 64;

/** Somebody with a good credential who asks for 64 MiB and reads none of it, or does not stop asking. */
/** Of 10,000, after which the gateway closes it. */
const MOST_ON_ONE_CONNECTION = 9_000;

describe('whoever has a credential', () => {
  let target: Target;
  let upstream: ScriptedUpstream;
  let wanted = 0;
  const open: { destroy(): unknown }[] = [];

  beforeAll(async () => {
    upstream = await ScriptedUpstream.start('ws', {
      script: {
        'tools/list': ({ reply }) => reply({ tools: [{ name: 'big', inputSchema: { type: 'object' } }] }),
        'tools/call': ({ reply }) => {
          wanted++;
          reply(BIG);
        },
      },
    });
    const keys = (['good', 'evil'] as const).map(
      (name) => `[[security.auth.api_keys]]
name = "${name}"
sha256 = "${createHash('sha256').update(KEYS[name]).digest('hex')}"
`,
    );
    target = await Target.start(
      `[security.auth]
enabled = true
failed_per_minute = 20
${keys.join('')}
[[upstream.groups.default.servers]]
${upstream.toml}
`,
      `queue_hard_bytes = ${4 * MEBI}`,
      { awaited: ['default-1'], pass: as('good') },
    );
  });
  beforeEach(() => {
    wanted = 0;
  });
  afterEach(async () => {
    for (const one of open.splice(0)) one.destroy();
    await target.unharmed();
  });
  afterAll(async () => {
    await target?.stop();
    upstream?.stop();
  });

  /** Ways to ask for much on one connection without reading an answer. */
  const LAZY: [way: string, ask: () => Promise<void>][] = [
    [
      'a WebSocket',
      async () => {
        const client = await target.connect('/mcp', { headers: as('evil') });
        open.push({ destroy: () => client.socket.terminate() });
        await client.ask(initialize());
        client.socket.pause();
        for (let id = 1; id <= ROUNDS; id++) client.send(call('big', id));
      },
    ],
    [
      'Streamable HTTP',
      async () => {
        const { headers } = await target.post(initialize(), as('evil'));
        const session = { ...as('evil'), 'mcp-session-id': String(headers['mcp-session-id']) };
        for (let id = 1; id <= ROUNDS; id++) sendUnread(call('big', id), session);
      },
    ],
    [
      'modern requests',
      () => {
        for (let id = 1; id <= ROUNDS; id++) {
          const message = modern('tools/call', id, { name: 'big', arguments: {} });
          sendUnread(message, { ...headersOf(message), ...as('evil') });
        }
        return Promise.resolve();
      },
    ],
    [
      'HTTP+SSE',
      async () => {
        const stream = await SseClient.open(target, '/sse', as('evil'));
        open.push(stream.response);
        await stream.ask(initialize('2024-11-05'));
        stream.response.pause();
        for (let id = 1; id <= ROUNDS; id++) void stream.post(call('big', id)).catch(() => undefined);
      },
    ],
  ];

  /** Whether the good client is the only one with a connection that lasts. */
  const isAlone = async (): Promise<boolean> =>
    (await target.gateway.json<{ connections: unknown[] }>('/api/v1/connections')).connections.length === 1;

  /** On a connection of its own, of which nothing is read. */
  function sendUnread(message: Json, headers: Record<string, string>): void {
    const socket = connect(target.port, '127.0.0.1');
    open.push(socket);
    socket.on('error', () => undefined).pause();
    const { body, headers: all } = postOf(message, headers);
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    socket.write(`POST /mcp HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}\r\n${String(body)}`);
  }

  it.each(LAZY)('and asks for 64 MiB over %s, reading none of it, costs no more than is bounded', async (way, ask) => {
    target.forgetPeak();
    const before = target.memory;
    await ask();
    // As much as may be under way reaches the server, and nobody else waits.
    await until(() => wanted >= 8, 'some of it to be asked for');
    const waits: number[] = [];
    for (let round = 0; round < 10; round++) waits.push(await target.pinged());
    // Their own calls come through the same connection to the server.
    const wanting = modern('tools/call', 1, { name: 'big', arguments: {} });
    const own = await target.post(wanting, headersOf(wanting));
    expect([own.status, own.text.length > MEBI]).toEqual([200, true]);
    // It is given up, or what it asks for is not even read any more.
    if (way === 'a WebSocket') await until(isAlone, 'the connection to be cut');
    if (way === 'HTTP+SSE' && wanted === ROUNDS) await until(isAlone, 'the stream to be cut');
    expect(Math.max(...waits)).toBeLessThan(brisk(1_000));
    expect(target.peakMemory - before).toBeLessThan(200);
  });

  const NOTE: Json = { jsonrpc: '2.0', method: 'notifications/nothing' };
  const FLOODS: [what: string, message: Json | string, headers: Record<string, string>, statuses: number[]][] = [
    ['pings', request('ping', 1), as('evil'), [200]],
    ['notifications', NOTE, as('evil'), [202]],
    ['unknown methods', request('no/such', 1), as('evil'), [200]],
    ['junk', '!', as('evil'), [400]],
    ['sessions', initialize(), as('evil'), [200, 503]],
    ['modern lists', modern('tools/list', 1), { ...headersOf(modern('tools/list', 1)), ...as('evil') }, [200]],
    ['bad credentials', initialize(), { 'x-api-key': 'canary-key-of-nobody' }, [401, 429]],
    ['no credentials', initialize(), { 'x-api-key': undefined as never }, [401]],
  ];

  it.each(FLOODS)(
    'and floods by HTTP with %s leaves everybody else in peace',
    async (what, message, headers, statuses) => {
      const needsSession = ['pings', 'notifications', 'unknown methods', 'junk'].includes(what);
      const session = needsSession ? await sessionOf() : {};
      const { body, headers: all } = postOf(message, { ...headers, ...session });
      const lines = Object.entries(all).map(([name, value]) => `${name}: ${String(value)}\r\n`);
      const one = `POST /mcp HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}\r\n${String(body)}`;
      const seen = new Set<number>();
      let answered = 0;
      const socket = connect(target.port, '127.0.0.1');
      open.push(socket);
      socket
        .on('error', () => undefined)
        .on('data', (chunk: Buffer) => {
          for (const [, status] of chunk.toString('latin1').matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
            seen.add(Number(status));
            answered++;
          }
        });
      // A batch is sent when half of the last one was answered: there is always more to do. Never as many as one
      // connection may carry, beyond which a fast machine would be told 503.
      let sent = 0;
      for (const until = performance.now() + 250; performance.now() < until && !socket.destroyed;) {
        if (sent - answered < 100 && sent < MOST_ON_ONE_CONNECTION) {
          socket.write(one.repeat(200));
          sent += 200;
        }
        expect(await target.pinged()).toBeLessThan(brisk(1_000));
      }
      await until(() => answered > 0, 'an answer');
      expect([...seen].filter((status) => !statuses.includes(status))).toEqual([]);
      if (what === 'bad credentials') expect(seen).toContain(429);
      expect((await target.post(initialize())).status).toBe(200);
    },
  );

  async function sessionOf(): Promise<Record<string, string>> {
    const { headers } = await target.post(initialize(), as('evil'));
    return { 'mcp-session-id': String(headers['mcp-session-id']), 'mcp-protocol-version': '2025-11-25' };
  }

  it('makes no series of metrics by any name that it says, on any way in', async () => {
    const series = async () => {
      const lines = (await (await fetch(target.gateway.metricsUrl)).text()).split('\n');
      // What has buckets of values is not what has a series for each name.
      return (
        lines
          // Those of probes come by the clock.
          .filter((line) => /^mcp_gateway_(?!upstream_health_checks)/.test(line))
          .map((line) => line.replace(/ [^ ]*$/, ''))
          .toSorted()
      );
    };
    const say = async (name: string): Promise<void> => {
      const session = { ...(await sessionOf()), ...as('evil') };
      const person = { name, version: name };
      await target.post(
        { ...initialize(name), params: { protocolVersion: name, capabilities: {}, clientInfo: person } },
        as('evil'),
      );
      for (const [method, params] of [
        [name, {}],
        ['tools/call', { name, arguments: {} }],
        ['prompts/get', { name }],
        ['resources/read', { uri: `${name}://x` }],
        ['tasks/get', { taskId: name }],
        ['logging/setLevel', { level: name }],
      ] as [string, Json][]) {
        await target.post(request(method, 1, params), session);
        const message = modern(method, 1, params);
        await target.post(message, { ...headersOf(message), ...as('evil') });
      }
      await target.post({ jsonrpc: '2.0', method: `notifications/${name}` }, session);
      await target.post(request('ping', 1), { ...session, 'mcp-protocol-version': name });
      await target.post(request('ping', 1), session, `/mcp/${name}`);
      for (const method of ['GET', 'PUT']) await target.http(method, { path: `/${name}` });
      await target.post(initialize(), { 'x-api-key': undefined, authorization: `Basic ${btoa(`${name}:x`)}` });
      await target.post(initialize(), { 'x-api-key': undefined, authorization: `${name} x` });
      await target.post(initialize(), { origin: `https://${name}.example` });
      const listening = await openModern(target, listen(name), { ...headersOf(listen(name)), ...as('evil') });
      listening.destroy();
    };
    await say('first');
    await until(async () => (await series()).length > 0, 'metrics');
    const before = await series();
    for (let n = 0; n < 15; n++) await say(`name-${n}`);
    const after = await series();
    expect(after.filter((line) => !before.includes(line))).toEqual([]);
    expect(after.join('\n')).not.toMatch(/name-\d|first/);
  });
});
