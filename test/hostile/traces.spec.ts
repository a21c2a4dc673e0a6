import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { headersOf, modern } from '../support/modern.ts';
import { endpointAt, initialize, postOf, type HttpAnswer, type Json } from '../support/raw-clients.ts';
import { until } from '../support/until.ts';
import { come, WAYS } from './support/person.ts';
import { EXAMPLE, Target } from './support/target.ts';

const KEYS = {
  user: 'canary-key-of-a-user-0123456789abcdef',
  viewer: 'canary-key-of-a-viewer-0123456789abc',
  chief: 'canary-key-of-a-chief-0123456789abcd',
} as const;
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const as = (name: keyof typeof KEYS): Record<string, string> => ({ 'x-api-key': KEYS[name] });
const BAD = { 'x-api-key': 'canary-key-of-nobody-0123456789abcdef' };

type Fields = Record<string, unknown>;

/** Nobody does anything, or tries to, without a line of it that can be found by the id of the request. */
describe('the audit log', () => {
  const directory = mkdtempSync(join(tmpdir(), 'mcp-traces-'));
  const file = join(directory, 'audit.jsonl');
  let target: Target;

  beforeAll(async () => {
    const admins = (['viewer', 'chief'] as const).map(
      (name) => `[[admin.api_keys]]
name = "${name}"
role = "${name === 'chief' ? 'admin' : 'viewer'}"
sha256 = "${digest(KEYS[name])}"
`,
    );
    target = await Target.start(
      `${EXAMPLE}
[audit]
enabled = true
file = "${file}"
data = "all"
lists = true
[security.auth]
enabled = true
failed_per_minute = 10000
[[security.auth.api_keys]]
name = "user"
sha256 = "${digest(KEYS.user)}"
[security.auth.routes.default]
scopes = ["much"]
[[security.policy.rules]]
name = "some"
tools = ["echo", "add"]
${admins.join('')}`,
      '',
      { awaited: [], pass: as('user') },
    );
    await until(async () => {
      const { text } = await target.post(modern('tools/list', 1), headersOf(modern('tools/list', 1)));
      return text.includes('"echo"');
    }, 'the server to be up');
  });
  afterEach(() => target.unharmed());
  afterAll(async () => {
    await target?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const text = (): string => readFileSync(file, 'utf8');
  const records = (): Fields[] =>
    text()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Fields);
  const recordOf = (requestId: unknown): Promise<Fields> =>
    until(() => records().find((record) => record['request_id'] === requestId), `the record of ${String(requestId)}`);

  it.each(WAYS)('tells of every request over %s under the id of its log line, and never of arguments', async (way) => {
    const seen = target.gateway.lines.length;
    const person = await come(endpointAt(target.gateway.url), way, as('user'));
    const call = (name: string) => person.ask('tools/call', { name, arguments: { text: 'canary-argument' } });
    for (const name of ['echo', 'add', 'hidden', 'count_down']) await call(name);
    await person.ask('resources/read', { uri: 'db://none?token=canary-argument' });
    await person.ask('tools/list');
    await person.ask('no/such');
    person.close();

    const exchanges = await until(() => {
      const lines = target.gateway.lines.slice(seen).filter(({ msg }) => msg === 'exchange');
      return ['echo', 'no/such'].every((last) => lines.some(({ tool, method }) => [tool, method].includes(last)))
        ? lines
        : false;
    }, 'the log lines');
    expect(exchanges.filter(({ method }) => method === 'tools/call')).toHaveLength(4);
    for (const { request_id: id, method, status } of exchanges) {
      const found = await until(
        () => {
          const all = records().filter(
            (record) => record['request_id'] === id && record['event'] === 'exchange.finished',
          );
          return all.length > 0 && all;
        },
        `the record of ${String(method)}`,
      );
      expect(found).toMatchObject([{ action: method, status, principal: { method: 'api_key', subject: 'user' } }]);
    }
    const calls = records().filter(({ action, event }) => action === 'tools/call' && event === 'exchange.finished');
    for (const record of calls) {
      expect(record).toMatchObject({
        object: expect.any(String),
        route: 'mcp',
        client_address: '127.0.0.1',
        outcome: expect.stringMatching(/^(ok|refused|failed)$/),
        latency_ms: expect.any(Number),
        arguments_sha256: digest('{"text":"canary-argument"}'),
      });
    }
    expect(text()).not.toContain('canary-');
  });

  /** Ways to come in, each without a credential of its own. */
  const DOORS: [door: string, knock: (headers: Record<string, string>) => Promise<HttpAnswer>][] = [
    ['Streamable HTTP', (headers) => bare().http('POST', withHeaders(initialize(), headers))],
    ['a modern request', (headers) => bare().http('POST', withHeaders(modern('tools/list', 1), headers))],
    ['HTTP+SSE', (headers) => bare().http('GET', { path: '/sse', headers })],
    ['a WebSocket', (headers) => bare().refused('/mcp', { headers })],
    ['the admin API', (headers) => bare().http('GET', { path: '/api/v1/status', headers })],
  ];
  const bare = () => endpointAt(target.gateway.url);

  it.each(DOORS)('tells of everybody who is turned away at %s, under the id that is answered', async (_, knock) => {
    for (const [shown, reason] of [
      [{}, 'nothing_shown'],
      [BAD, 'unknown'],
    ] as const) {
      const { status, headers } = await knock(shown);
      expect([status, headers['x-request-id']]).toEqual([401, expect.stringMatching(/^[\w-]{20,}$/)]);
      expect(await recordOf(headers['x-request-id'])).toMatchObject({
        event: 'auth.decided',
        outcome: 'refused',
        reason,
        client_address: '127.0.0.1',
      });
    }
    const given = `trace-${Math.random().toString(36).slice(2)}`;
    expect((await knock({ ...BAD, 'x-request-id': given })).headers['x-request-id']).toBe(given);
    expect(await recordOf(given)).toMatchObject({ event: 'auth.decided', outcome: 'refused' });
    const { headers } = await knock({ ...BAD, 'x-request-id': 'a b"}' });
    expect(headers['x-request-id']).not.toContain('"');
    expect(await recordOf(headers['x-request-id'])).toHaveProperty('reason');
  });

  it('tells of everybody whose credential is good, and was not issued for that route', async () => {
    const options = { ...withHeaders(initialize(), as('user')), path: '/mcp/default' };
    const { status, headers } = await bare().http('POST', options);
    expect(status).toBe(403);
    expect(await recordOf(headers['x-request-id'])).toMatchObject({
      event: 'auth.decided',
      outcome: 'refused',
      reason: 'scope',
      route: 'default',
      principal: { subject: 'user' },
    });
  });

  it('tells of everybody who is let in for the first time, and of everything that administrators do or try', async () => {
    expect(records()).toContainEqual(
      expect.objectContaining({ event: 'auth.decided', outcome: 'ok', request_id: expect.any(String) }),
    );
    const act = async (name: 'viewer' | 'chief', method: string, path: string): Promise<[HttpAnswer, Fields]> => {
      const answer = await bare().http(method, { path, headers: as(name) });
      const id = answer.headers['x-request-id'];
      const record = await until(
        () => records().find(({ event, request_id: of }) => event === 'admin.acted' && of === id),
        'the act',
      );
      return [answer, record];
    };
    const path = '/api/v1/connections/c-1';
    for (const [name, status] of [
      ['viewer', 403],
      ['chief', 404],
    ] as const) {
      const [answer, record] = await act(name, 'DELETE', path);
      expect(answer.status).toBe(status);
      expect(record).toMatchObject({ status, object: 'c-1', principal: { subject: name }, outcome: 'refused' });
    }
    const [reload, record] = await act('chief', 'POST', '/api/v1/config/reload');
    expect(reload.status).toBe(200);
    expect(record).toMatchObject({ status: 200, outcome: 'ok', principal: { subject: 'chief' } });
  });
});

function withHeaders(message: Json, headers: Record<string, string>): ReturnType<typeof postOf> {
  const era = 'id' in message && message['method'] === 'initialize' ? {} : headersOf(message);
  return postOf(message, { ...era, ...headers });
}
