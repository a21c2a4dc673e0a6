import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { WebSocket } from 'ws';

import { host, type Host } from '../fixtures/full-server/hosts.ts';
import { FullClient } from '../support/full-client.ts';
import { BIN, EPHEMERAL, ROOT, startGateway, type RunningGateway } from '../support/gateway.ts';
import { headersOf, modern } from '../support/modern.ts';
import { askModern } from '../support/modern-raw-clients.ts';
import { endpointAt, type Json } from '../support/raw-clients.ts';
import { SocketTransport } from '../support/socket-transport.ts';
import { UnixClientTransport } from '../support/unix-transport.ts';
import { until } from '../support/until.ts';

const KEYS = { reader: 'mgk_of-the-reader', admin: 'mgk_of-the-admin', nobody: 'mgk_of-nobody' } as const;
type Role = keyof typeof KEYS;

const apiKey = ([role, key]: [string, string]): string => `
[[security.auth.api_keys]]
name = "${role}"
sha256 = "${createHash('sha256').update(key).digest('hex')}"
roles = ["${role}"]
`;

const RULES = `
[[security.policy.rules]]
name = "readers"
roles = ["reader"]
groups = ["full"]
tools = ["echo"]
resources = ["note://first"]
[[security.policy.rules]]
name = "short counts"
roles = ["reader"]
tools = ["count"]
when = "arguments.to <= 3"
[[security.policy.rules]]
name = "told with a scope"
roles = ["reader"]
tools = ["told"]
scopes = ["full:told"]
[[security.policy.rules]]
name = "admins"
roles = ["admin"]
[[security.policy.rules]]
name = "local"
methods = ["anonymous"]
tools = ["echo"]
`;

const KINDS = ['streamable_http', 'sse', 'websocket'] as const;
type Kind = (typeof KINDS)[number];

let directory: string;
let socketPath: string;
let upstream: Host;
let gateway: RunningGateway;

const settings = (rules: string): string => `${EPHEMERAL.replace('[server]', `[server]\nunix_socket = "${socketPath}"`)}
[security.auth]
enabled = true
methods = ["api_key"]
${Object.entries(KEYS).map(apiKey).join('')}
${rules}
[[upstream.groups.full.servers]]
${upstream.toml}
`;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-policy-'));
  socketPath = join(directory, 'mcp.sock');
  upstream = await host('stdio');
  gateway = await startGateway(settings(RULES));
  await until(async () => (await fetch(new URL('/readiness', gateway.url))).ok, 'the server to be up');
});

afterAll(async () => {
  await gateway?.stop();
  await upstream?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

const keyOf = (role: Role) => ({ 'x-api-key': KEYS[role] });

function transport(kind: Kind, role: Role, group = ''): Transport {
  const headers = keyOf(role);
  const requestInit = { headers };
  if (kind === 'streamable_http') {
    return new StreamableHTTPClientTransport(new URL(`/mcp${group}`, gateway.url), { requestInit });
  }
  if (kind === 'sse') {
    const withKey: typeof fetch = (url, init) => {
      return fetch(url, { ...init, headers: { ...Object.fromEntries(new Headers(init?.headers)), ...headers } });
    };
    return new SSEClientTransport(new URL(`/sse${group}`, gateway.url), {
      requestInit,
      eventSourceInit: { fetch: withKey },
    });
  }
  const socket = new WebSocket(new URL(`/mcp${group}`, gateway.wsUrl), ['mcp'], { headers });
  return new SocketTransport(socket);
}

const connect = (kind: Kind, role: Role, group = '') =>
  new FullClient(`${role}-${kind}`, {}).connect(transport(kind, role, group));

const toolsOf = async ({ sdk }: FullClient) => (await sdk.listTools()).tools.map(({ name }) => name);

/** The words of a failure without what was asked for. */
async function failureOf(asked: Promise<unknown>, subject = '\0'): Promise<string> {
  const error = await asked.then(
    () => ({ code: 0, message: 'it was answered', data: undefined }),
    (thrown: { code?: number; message: string; data?: unknown }) => thrown,
  );
  return `${error.code} ${error.message} ${JSON.stringify(error.data)}`.replaceAll(subject, '<>');
}

describe.each(KINDS)('two roles over %s', (kind) => {
  it.each(['', '/full'])('see different lists at /mcp%s, and whoever has no role sees nothing', async (group) => {
    const prefix = group === '' ? 'full__' : '';
    await using reader = await connect(kind, 'reader', group);
    await using admin = await connect(kind, 'admin', group);
    await using nobody = await connect(kind, 'nobody', group);
    expect((await toolsOf(reader)).toSorted()).toEqual(['count', 'echo', 'told'].map((name) => prefix + name));
    expect((await toolsOf(admin)).length).toBeGreaterThan(10);
    expect(await toolsOf(nobody)).toEqual([]);
    const resources = await Promise.all([reader, admin, nobody].map(({ sdk }) => sdk.listResources()));
    expect(resources.map((each) => each.resources.length > 0)).toEqual([true, true, false]);
    expect(resources[0]!.resources).toHaveLength(1);
    const prompts = await Promise.all([reader, admin].map(({ sdk }) => sdk.listPrompts()));
    expect(prompts.map((each) => each.prompts.length > 0)).toEqual([false, true]);
  });

  it.each(['', '/full'])('may do different things at /mcp%s, and what is hidden is unknown', async (group) => {
    const prefix = group === '' ? 'full__' : '';
    await using reader = await connect(kind, 'reader', group);
    await using admin = await connect(kind, 'admin', group);
    expect(await reader.call(`${prefix}echo`, { text: 'hi' })).toBe('hi');
    expect(await admin.call(`${prefix}remember`, { value: 'kept' })).toContain('kept');
    const [hidden, unknown] = [`${prefix}remember`, `${prefix}nonesuch`];
    const tried = (name: string) => failureOf(reader.sdk.callTool({ name, arguments: { value: 'stolen' } }), name);
    expect(await tried(hidden)).toContain('-32602');
    expect(await tried(hidden)).toBe(await tried(unknown));
    expect(await admin.call(`${prefix}recall`, {})).toContain('kept');
    const prompt = (name: string) => failureOf(reader.sdk.getPrompt({ name, arguments: { name: 'x' } }), name);
    expect(await prompt(`${prefix}greet`)).toBe(await prompt(`${prefix}other`));
  });

  it('may be held to their arguments, and to the scopes of their credential', async () => {
    await using reader = await connect(kind, 'reader');
    const counted = (to: number) => reader.sdk.callTool({ name: 'full__count', arguments: { to } });
    expect(await counted(2)).toHaveProperty('content');
    if (kind === 'websocket') {
      expect(await failureOf(counted(4))).toContain('access_denied');
      expect(await failureOf(reader.sdk.callTool({ name: 'full__told' }))).toContain('full:told');
    } else {
      await expect(counted(4)).rejects.toThrow();
      await expect(reader.sdk.callTool({ name: 'full__told' })).rejects.toThrow();
    }
  });
});

describe('a modern client', () => {
  const ask = (role: Role, message: Json) =>
    askModern(endpointAt(gateway.url), message, { ...headersOf(message), ...keyOf(role) });
  const call = (name: string, id: number, given: Json = {}) => modern('tools/call', id, { name, arguments: given });

  it('sees and may do what its role may', async () => {
    const listed = await Promise.all(KINDS_OF_ROLES.map((role) => ask(role, modern('tools/list', 1))));
    const names = listed.map(({ reply }) => (reply['result'] as { tools: unknown[] }).tools.length);
    expect([names[0], names[2]]).toEqual([3, 0]);
    expect(names[1]).toBeGreaterThan(10);
    const scopes = listed.map(({ reply }) => (reply['result'] as Json)['cacheScope']);
    expect(scopes).toEqual(['private', 'private', 'private']);
    const hidden = await ask('reader', call('full__recall', 2));
    const unknown = await ask('reader', call('full__nonsuch', 2));
    expect(hidden.status).toBe(unknown.status);
    expect(JSON.stringify(hidden.reply).replace('recall', '')).toBe(
      JSON.stringify(unknown.reply).replace('nonsuch', ''),
    );
  });

  it('hears by status that it is not allowed, or which scopes it needs', async () => {
    const denied = await ask('reader', call('full__count', 3, { to: 9 }));
    expect(denied).toMatchObject({
      status: 403,
      reply: { error: { code: -32603, data: { reason: 'access_denied' } } },
    });
    const scoped = await ask('reader', call('full__told', 4));
    expect(scoped).toMatchObject({ status: 403, reply: { error: { data: { scopes: ['full:told'] } } } });
  });
});

const KINDS_OF_ROLES = ['reader', 'admin', 'nobody'] as const;

it('a unix socket lets in whoever may open it, as anonymous', async () => {
  await using client = await new FullClient('local', {}).connect(new UnixClientTransport(socketPath));
  expect(await toolsOf(client)).toEqual(['full__echo']);
});

it('counts what was kept from whom, without saying what it was', async () => {
  const metrics = await (await fetch(gateway.metricsUrl)).text();
  for (const why of ['hidden', 'condition', 'scope']) {
    expect(metrics).toMatch(new RegExp(`mcp_gateway_access_denied_total\\{route="mcp",why="${why}"\\} [1-9]`));
  }
});

it('other rules take effect at once, and those whose lists they change are told', async () => {
  await using reader = await connect('websocket', 'reader');
  await using admin = await connect('websocket', 'admin');
  await toolsOf(reader);
  await toolsOf(admin);
  gateway.rewrite(settings(RULES.replace('tools = ["echo"]\nresources', 'tools = ["recall"]\nresources')));
  await until(() => reader.notifications.some(({ method }) => method.endsWith('tools/list_changed')), 'a notice');
  expect(await toolsOf(reader)).toContain('full__recall');
  expect(await failureOf(reader.sdk.callTool({ name: 'full__echo', arguments: { text: 'x' } }))).toContain('-32602');
  expect(admin.notifications).toEqual([]);
});

it('mcp-gateway explain says which rule decides', () => {
  const asked = ['--principal', 'api_key:reader', '--role', 'reader', '--group', 'full', '--prompt', 'greet'];
  const args = [BIN, 'explain', '--config', gateway.configFile, ...asked];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  expect([status, stdout]).toEqual([1, expect.stringMatching(/^hidden.*\n {2}readers: does not name it/)]);
});
