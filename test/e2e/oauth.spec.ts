import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
  type OAuthClientInformationMixed as ModernInformation,
  type OAuthTokens as ModernTokens,
} from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { OAuthClientInformationMixed, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js';

import { AuthorizationServer } from '../support/authorization-server.ts';
import { textOf } from '../support/clients.ts';
import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { MODERN, modern, postModern } from '../support/modern.ts';
import { OAuthMemory } from '../support/oauth-client.ts';
import { endpointAt, initialize, request, type Endpoint, type Json } from '../support/raw-clients.ts';
import { ScriptedUpstream } from '../support/scripted-upstream.ts';
import { SseClient } from '../support/sse-client.ts';
import { until } from '../support/until.ts';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';
const TOOLS = { tools: ['echo', 'write'].map((name) => ({ name, inputSchema: { type: 'object' } })) };

describe('OAuth', () => {
  let issuer: AuthorizationServer;
  let upstream: ScriptedUpstream;
  let gateway: RunningGateway;
  let endpoint: Endpoint;

  const toml = (scopes = '"mcp:use"'): string => `${EPHEMERAL}
[security.auth]
enabled = true
[security.auth.jwt]
clock_skew = 0
[[security.auth.jwt.issuers]]
issuer = "${issuer.issuer}"
jwks_url = "${issuer.issuer}/jwks"
[security.auth.routes.mcp]
scopes = [${scopes}]
[security.auth.oauth]
authorization_servers = ["${issuer.issuer}"]
resource_name = "Tools"
[[security.policy.rules]]
name = "everybody"
tools = ["echo"]
[[security.policy.rules]]
name = "whoever may write"
tools = ["write"]
scopes = ["crm:write"]
[[upstream.groups.crm.servers]]
${upstream.toml}
`;

  beforeAll(async () => {
    issuer = await AuthorizationServer.start('mcp:use crm:write');
    upstream = await ScriptedUpstream.start('http', {
      script: {
        'tools/list': ({ reply }) => reply(TOOLS),
        'tools/call': ({ reply, params }) =>
          reply({ content: [{ type: 'text', text: String((params['arguments'] as Json)['text']) }] }),
      },
    });
    gateway = await startGateway(toml());
    await until(
      () => upstream.heard.some(({ method }) => method === 'notifications/initialized'),
      'the server to be up',
    );
    endpoint = endpointAt(gateway.url);
  });
  afterAll(async () => {
    await gateway?.stop();
    upstream?.stop();
    issuer?.stop();
  });

  const resource = (path = '/mcp'): string => `${gateway.origin}${path}`;
  const soon = (seconds = 300): number => Math.floor(Date.now() / 1_000) + seconds;
  const token = (claims: Json = {}): Promise<string> =>
    issuer.sign({ sub: 'ann', aud: resource(), scope: 'mcp:use', exp: soon(), ...claims });
  const bearer = async (claims: Json = {}): Promise<Record<string, string>> => ({
    authorization: `Bearer ${await token(claims)}`,
  });

  it('publishes the metadata of each route, by its path', async () => {
    const document = async (path: string) => (await endpoint.http('GET', { path: WELL_KNOWN + path })).json;
    expect(await document('/mcp')).toEqual({
      resource: resource(),
      authorization_servers: [issuer.issuer],
      bearer_methods_supported: ['header'],
      scopes_supported: ['mcp:use'],
      resource_name: 'Tools',
    });
    const resources = await Promise.all(['', '/mcp/crm', '/sse', '/sse/crm', '/mcp/'].map(document));
    expect(resources.map((each) => each['resource'])).toEqual(
      ['', '/mcp/crm', '/sse', '/sse/crm', '/mcp'].map(resource),
    );
  });

  it.each(['/mcp/none', '/api/v1/status', '/mcp/crm/more', '/mcp/__proto__', '/mcpx', '/sse/..'])(
    'publishes nothing of %s',
    async (path) => {
      expect((await endpoint.http('GET', { path: WELL_KNOWN + path })).status).toBe(404);
    },
  );

  it('publishes it to nobody who calls the gateway by a name that it does not have, and takes nothing but GET', async () => {
    const path = `${WELL_KNOWN}/mcp`;
    expect((await endpoint.http('GET', { path, headers: { host: 'evil.example' } })).status).toBe(403);
    expect((await endpoint.http('POST', { path })).status).toBe(404);
  });

  it('challenges whoever shows no token, or one that is no good, wherever they come in', async () => {
    const challenge = (path: string): string =>
      `Bearer resource_metadata="${resource(WELL_KNOWN + path)}", scope="mcp:use"`;
    const answers = [
      await endpoint.post(initialize()),
      await postModern(endpoint, modern('tools/list', 1)),
      await endpoint.http('GET', { headers: { accept: 'text/event-stream' } }),
      await endpoint.http('DELETE'),
      await endpoint.refused('/mcp'),
    ];
    for (const { status, headers } of answers) {
      expect(status).toBe(401);
      expect(parametersOf(headers['www-authenticate'])).toEqual(parametersOf(challenge('/mcp')));
    }
    const stream = await endpoint.http('GET', { path: '/sse', headers: { accept: 'text/event-stream' } });
    expect(parametersOf(stream.headers['www-authenticate'])).toEqual(parametersOf(challenge('/sse')));
    const bad = await endpoint.post(initialize(), { authorization: 'Bearer x.y.z' });
    expect(parametersOf(bad.headers['www-authenticate'])).toMatchObject({ error: 'invalid_token', scope: 'mcp:use' });
  });

  it('takes tokens for the route or for the gateway as a whole, and for nobody else', async () => {
    const status = async (aud: unknown, path = '/mcp'): Promise<number> =>
      (await endpoint.post(initialize(), await bearer({ aud }), path)).status;
    expect(await status(resource())).toBe(200);
    expect(await status([`${gateway.origin}/`, 'https://other.example'])).toBe(200);
    expect(await status(gateway.origin)).toBe(200);
    expect(await status(resource('/mcp/crm'), '/mcp/crm')).toBe(200);
    for (const aud of [
      'https://other.example/mcp',
      `${resource()}/crm`,
      `${resource()}x`,
      resource().slice(0, -1),
      7,
      [],
      undefined,
    ]) {
      expect([aud, await status(aud)]).toEqual([aud, 401]);
    }
    expect(await status(resource(), '/mcp/crm')).toBe(401);
    const lied = await bearer({ aud: 'http://localhost:1/mcp' });
    expect((await endpoint.post(initialize(), { ...lied, host: 'localhost:1' })).status).toBe(200);
  });

  it('never passes a token on, whichever way it came', async () => {
    const canary = await token({ scope: 'mcp:use canary' });
    const headers = { authorization: `Bearer ${canary}` };
    upstream.heard.length = 0;
    const echo = { name: 'crm__echo', arguments: { text: 'x' } };

    const opened = await endpoint.post(initialize(), headers);
    const session = { 'mcp-session-id': String(opened.headers['mcp-session-id']), ...headers };
    await endpoint.post(request('tools/call', 1, echo), session);
    await postModern(endpoint, modern('tools/call', 1, echo), headers);
    const socket = await endpoint.connect('/mcp', { headers });
    await socket.ask(initialize());
    await socket.ask(request('tools/call', 1, echo));
    const stream = await SseClient.open(endpoint, '/sse', {
      authorization: `Bearer ${await token({ aud: resource('/sse') })}`,
    });
    await stream.ask(initialize('2024-11-05'));
    await stream.ask(request('tools/call', 1, echo));

    const calls = upstream.heard.filter(({ method }) => method === 'tools/call');
    expect(calls).toHaveLength(4);
    for (const { text, headers: sent } of upstream.heard) {
      expect(sent.authorization).toBeUndefined();
      expect(text + JSON.stringify(sent)).not.toContain(canary.slice(-40));
    }
    socket.socket.close();
    stream.close();
  });

  it('closes a WebSocket when the token that it was opened with runs out', async () => {
    const socket = await endpoint.connect('/mcp', { headers: await bearer({ exp: soon(2) }) });
    expect(await socket.ask(initialize())).toMatchObject({ result: {} });
    expect(await socket.closed).toBe(1008);
  });

  it('says which scopes a tool needs, beside those of its route, and lets no server hear of the call', async () => {
    const write = { name: 'crm__write', arguments: { text: 'x' } };
    const headers = await bearer();
    const opened = await endpoint.post(initialize(), headers);
    const session = { 'mcp-session-id': String(opened.headers['mcp-session-id']) };
    upstream.heard.length = 0;
    const refused = { reason: 'auth_insufficient_scope', scopes: ['mcp:use', 'crm:write'] };
    const answers = [
      await endpoint.post(request('tools/call', 7, write), { ...session, ...headers }),
      await postModern(endpoint, modern('tools/call', 7, write), headers),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(403);
      expect(answer.json).toMatchObject({ id: 7, error: { code: -32603, data: refused } });
      expect(parametersOf(answer.headers['www-authenticate'])).toEqual({
        error: 'insufficient_scope',
        scope: 'mcp:use crm:write',
        resource_metadata: resource(`${WELL_KNOWN}/mcp`),
      });
    }
    const socket = await endpoint.connect('/mcp', { headers });
    await socket.ask(initialize());
    expect(await socket.ask(request('tools/call', 8, write))).toMatchObject({ error: { data: refused } });
    socket.socket.close();
    expect(upstream.heard.filter(({ method }) => method === 'tools/call')).toEqual([]);

    const more = await bearer({ scope: 'mcp:use crm:write' });
    expect((await endpoint.post(request('tools/call', 9, write), { ...session, ...more })).json).toHaveProperty(
      'result',
    );
    expect((await postModern(endpoint, modern('tools/call', 9, write), more)).json).toHaveProperty('result');
  });

  type Walked = <T extends Transport>(walk: Walk<T>) => Promise<void>;

  describe.each<[string, (walked: Walked) => Promise<void>]>([
    ['v1', (walked) => walked(walkOfV1())],
    ['v2', (walked) => walked(walkOfV2())],
  ])('lets a client of SDK %s find its way', (_, walk) => {
    it('and come back for what its route needs from now on', () => walk(steppedUp));

    it('and come back for what a tool needs', () => walk((found) => steppedUpFor('crm__write', found)));
  });

  function walkOfV1(): Walk<StreamableHTTPClientTransport> {
    const memory = new OAuthMemory<OAuthClientInformationMixed, OAuthTokens>();
    const open = () => new StreamableHTTPClientTransport(new URL(gateway.url), { authProvider: memory });
    return { memory, open, client: () => new Client({ name: 'v1', version: '1' }) };
  }

  function walkOfV2(): Walk<ModernTransport> {
    const memory = new OAuthMemory<ModernInformation, ModernTokens>();
    const open = () => new ModernTransport(new URL(gateway.url), { authProvider: memory });
    const client = () =>
      new ModernClient({ name: 'v2', version: '1' }, { versionNegotiation: { mode: { pin: MODERN } } });
    return { memory, open, client };
  }

  interface Transport {
    finishAuth(code: string, issuer?: string): Promise<void>;
  }
  interface Walk<T extends Transport> {
    readonly memory: Pick<OAuthMemory<unknown, ModernTokens>, 'authorizations' | 'granted'>;
    open(): T;
    client(): {
      connect(transport: T): Promise<void>;
      callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
      close(): Promise<void>;
    };
  }

  /** Sent to the authorization server once more, for what is needed as well. */
  async function askedForMore(memory: Walk<Transport>['memory'], transport: Transport): Promise<void> {
    const second = memory.authorizations.at(-1)!;
    expect(second.searchParams.get('scope')?.split(' ').toSorted()).toEqual(['crm:write', 'mcp:use']);
    await transport.finishAuth(...(await issuer.browse(second, 'ann')));
  }

  /** Let in for all that the route needs, and asked for more by one of its tools. */
  async function steppedUpFor<T extends Transport>(
    name: string,
    { memory, open, client: make }: Walk<T>,
  ): Promise<void> {
    const refused = open();
    await expect(make().connect(refused)).rejects.toThrow(/[Uu]nauthorized/);
    await refused.finishAuth(...(await issuer.browse(memory.authorizations[0]!, 'ann')));
    const transport = open();
    const client = make();
    await client.connect(transport);
    const tool = { name, arguments: { text: 'written' } };
    await expect(client.callTool(tool)).rejects.toThrow(/[Uu]nauthorized/);
    await askedForMore(memory, transport);
    expect(textOf(await client.callTool(tool))).toBe('written');
    await client.close();
  }

  /** Refused, sent to the authorization server, let in; then more is needed, and the same again for that. */
  async function steppedUp<T extends Transport>({ memory, open, client: make }: Walk<T>): Promise<void> {
    const echo = { name: 'crm__echo', arguments: { text: 'hello' } };
    const refused = open();
    await expect(make().connect(refused)).rejects.toThrow(/[Uu]nauthorized/);
    const [first] = memory.authorizations;
    expect([first?.searchParams.get('resource'), first?.searchParams.get('scope')]).toEqual([resource(), 'mcp:use']);
    await refused.finishAuth(...(await issuer.browse(first!, 'ann')));

    const transport = open();
    const client = make();
    await client.connect(transport);
    expect(textOf(await client.callTool(echo))).toBe('hello');

    gateway.rewrite(toml('"mcp:use", "crm:write"'));
    const changed = async () => (await endpoint.post(initialize(), await bearer())).status === 403;
    await until(changed, 'the scopes to be asked for');
    await expect(client.callTool(echo)).rejects.toThrow(/[Uu]nauthorized/);
    await askedForMore(memory, transport);
    expect(textOf(await client.callTool(echo))).toBe('hello');

    await client.close();
    gateway.rewrite(toml());
    await until(async () => !(await changed()), 'the scopes to be asked for no more');
  }
});

/** The parameters of a bearer challenge. */
function parametersOf(challenge: string | undefined): Json {
  expect(challenge).toMatch(/^Bearer /);
  return Object.fromEntries(
    Array.from((challenge ?? '').matchAll(/(\w+)="([^"]*)"/g), ([, name, value]) => [name, value]),
  );
}
