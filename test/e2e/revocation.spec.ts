import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { WebSocket } from 'ws';

import { digestOf, hashPassword } from '../../src/auth/index.ts';
import { basic, JWT_SECRET } from '../support/auth-bench.ts';
import { EPHEMERAL, type RunningGateway, startGateway } from '../support/gateway.ts';
import { forged } from '../support/jwks-server.ts';
import { headersOf, modern } from '../support/modern.ts';
import { until } from '../support/until.ts';

const OTHER_SECRET = `other-${JWT_SECRET}`;
const PASSWORD = 'correct horse';
const KEYS = {
  kept: 'mgk_kept-key',
  gone: 'mgk_gone-key',
  filed: 'mgk_filed-key',
  demoted: 'mgk_demoted-key',
} as const;
const LEGACY = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
};
const POST = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
type Headers = Record<string, string>;

let directory: string;
let hash: string;
let gateway: RunningGateway;

const row = (name: string, key: string, roles = '["reader"]'): string =>
  `[[security.auth.api_keys]]\nname = "${name}"\nsha256 = "${digestOf(key)}"\nroles = ${roles}\n`;

interface Changed {
  readonly keys?: string;
  readonly users?: boolean;
  readonly secret?: string;
  readonly methods?: string;
}

function settings({ keys, users = true, secret = JWT_SECRET, methods = '' }: Changed = {}): string {
  const all = row('kept', KEYS.kept) + row('gone', KEYS.gone) + row('demoted', KEYS.demoted, '["admin"]');
  const ada = `[[security.auth.users]]\nname = "ada"\npassword_hash = "${hash}"\n`;
  return `${EPHEMERAL}
[security.auth]
enabled = true
jwt_secret = "${secret}"
api_keys_file = "${join(directory, 'keys.json')}"
${methods}
${keys ?? all}${users ? ada : ''}
[security.policy]
default = "allow"
[[upstream.groups.default.servers]]
command = "node"
args = ["examples/basic/src/server.ts"]
`;
}

function writeKeys(names: readonly (keyof typeof KEYS)[]): void {
  const rows = names.map((name) => ({ name, sha256: digestOf(KEYS[name]) }));
  writeFileSync(join(directory, 'keys.json'), JSON.stringify({ api_keys: rows }));
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-revocation-'));
  hash = await hashPassword(PASSWORD, { ln: 10, r: 8, p: 1 });
  writeKeys(['filed']);
  gateway = await startGateway(settings());
  await until(async () => (await fetch(new URL('/readiness', gateway.url))).ok, 'the server to be up');
});

beforeEach(async () => {
  writeKeys(['filed']);
  gateway.rewrite(settings());
});

afterAll(async () => {
  await gateway?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function isGood(headers: Headers): Promise<boolean> {
  const init = { method: 'POST', headers: { ...POST, ...headers }, body: JSON.stringify(LEGACY) };
  const response = await fetch(gateway.url, init);
  await response.arrayBuffer();
  return response.ok;
}

interface Lasting {
  readonly ended: boolean;
  close(): void;
}

async function socketOf(headers: Headers): Promise<Lasting> {
  const socket = new WebSocket(gateway.wsUrl, ['mcp'], { headers });
  const state = { ended: false, close: () => socket.terminate() };
  socket.once('close', () => (state.ended = true));
  await once(socket, 'open');
  return state;
}

async function streamOf(method: string, path: string, headers: Headers, body?: unknown): Promise<Lasting> {
  const sent = request(new URL(path, gateway.origin), { method, headers, agent: false });
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`${path} answers ${response.statusCode}`);
  const state = { ended: false, close: () => response.destroy() };
  response
    .on('close', () => (state.ended = true))
    .on('error', () => undefined)
    .resume();
  return state;
}

async function sessionStreamOf(headers: Headers): Promise<Lasting> {
  const answer = await fetch(gateway.url, {
    method: 'POST',
    headers: { ...POST, ...headers },
    body: JSON.stringify(LEGACY),
  });
  await answer.text();
  const id = answer.headers.get('mcp-session-id')!;
  return streamOf('GET', '/mcp', { ...headers, accept: 'text/event-stream', 'mcp-session-id': id });
}

function listenOf(headers: Headers): Promise<Lasting> {
  const message = modern('subscriptions/listen', 'l', { notifications: { toolsListChanged: true } });
  return streamOf('POST', '/mcp', { ...POST, ...headersOf(message), ...headers }, message);
}

const WAYS: readonly [string, (headers: Headers) => Promise<Lasting>][] = [
  ['a WebSocket', socketOf],
  ['an event stream of HTTP+SSE', (headers) => streamOf('GET', '/sse', { accept: 'text/event-stream', ...headers })],
  ['the stream of a session', sessionStreamOf],
  ['a listen', listenOf],
];

const token = (secret: string): Headers => {
  const exp = Math.floor(Date.now() / 1_000) + 600;
  const sign = (input: string): Buffer => createHmac('sha256', secret).update(input).digest();
  return { authorization: `Bearer ${forged({ alg: 'HS256' }, { sub: 'bob', exp }, sign)}` };
};

const CASES: readonly [string, () => Headers, () => unknown][] = [
  [
    'an API key is taken out',
    () => ({ 'x-api-key': KEYS.gone }),
    () => gateway.rewrite(settings({ keys: row('kept', KEYS.kept) })),
  ],
  [
    'an API key is replaced by another of its name',
    () => ({ 'x-api-key': KEYS.gone }),
    () => gateway.rewrite(settings({ keys: row('kept', KEYS.kept) + row('gone', 'mgk_another') })),
  ],
  [
    'the roles of an API key are others',
    () => ({ 'x-api-key': KEYS.demoted }),
    () => gateway.rewrite(settings({ keys: row('kept', KEYS.kept) + row('demoted', KEYS.demoted) })),
  ],
  ['an API key is taken out of its file', () => ({ 'x-api-key': KEYS.filed }), () => writeKeys([])],
  [
    'a user is taken out',
    () => ({ authorization: basic('ada', PASSWORD) }),
    () => gateway.rewrite(settings({ users: false })),
  ],
  ['the secret of tokens changes', () => token(JWT_SECRET), () => gateway.rewrite(settings({ secret: OTHER_SECRET }))],
  [
    'the method is not taken any more',
    () => token(JWT_SECRET),
    () => gateway.rewrite(settings({ methods: 'methods = ["api_key"]' })),
  ],
];

describe.each(CASES)('when %s', (_case, credential, change) => {
  it('what was opened with it ends, and nothing of others does', async () => {
    await until(() => isGood(credential()), 'the configuration to be read');
    const lasting = await Promise.all(WAYS.map(([, open]) => open(credential())));
    const others = await Promise.all(WAYS.map(([, open]) => open({ 'x-api-key': KEYS.kept })));
    change();
    await until(() => lasting.every(({ ended }) => ended), `all to end: ${lasting.map(({ ended }) => ended).join()}`);
    expect(others.map(({ ended }) => ended)).toEqual(WAYS.map(() => false));
    for (const each of others) each.close();
  });
});

it('a change of something else ends nothing', async () => {
  const credentials: Headers[] = [
    { 'x-api-key': KEYS.filed },
    { authorization: basic('ada', PASSWORD) },
    token(JWT_SECRET),
  ];
  await until(() => isGood(credentials[1]!), 'the configuration to be read');
  await until(() => isGood(credentials[0]!), 'the file to be read');
  const lasting = await Promise.all(credentials.flatMap((each) => WAYS.map(([, open]) => open(each))));
  gateway.rewrite(settings({ methods: 'failed_per_minute = 1000' }) + row('new', 'mgk_new-key'));
  await until(() => isGood({ 'x-api-key': 'mgk_new-key' }), 'the configuration to be read');
  expect(lasting.filter(({ ended }) => ended)).toEqual([]);
  for (const each of lasting) each.close();
});
