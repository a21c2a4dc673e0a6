import { once } from 'node:events';
import { copyFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { Provider } from 'oidc-provider';

import { Authority } from '../support/certificates.ts';
import { textOf } from '../support/clients.ts';
import { EPHEMERAL, type RunningGateway, startGateway } from '../support/gateway.ts';
import { GuardedServer } from '../support/guarded-server.ts';
import { client, CLIENT_SECRET as SECRET, group, oauth, shownTo } from '../support/shown.ts';
import { TokenServer } from '../support/token-server.ts';
import { until } from '../support/until.ts';

const CANARY = 'canary-of-the-client';

describe('credentials for servers', () => {
  let tokens: TokenServer;
  let provider: { issuer: string; stop(): Promise<void> };
  let authority: Authority;
  let ca: string;
  let pair: { certFile: string; keyFile: string };
  let gateway: RunningGateway;
  const servers = new Map<string, GuardedServer>();
  const names = ['bearer', 'basic', 'legacy', 'modern', 'sse', 'websocket', 'provider', 'mtls', 'wss', 'forwards'];
  const config: string[] = [EPHEMERAL, '[upstream.reconnect]\nmin = "20ms"\nmax = "200ms"\n'];

  beforeAll(async () => {
    tokens = await TokenServer.start();
    provider = await startProvider();
    authority = Authority.create();
    const own = authority.server();
    const shown = authority.client('gateway');
    ca = join(authority.directory, 'trusted.pem');
    pair = { certFile: join(authority.directory, 'shown.pem'), keyFile: join(authority.directory, 'shown.key') };
    copyFileSync(authority.certFile, ca);
    copyFileSync(shown.certFile, pair.certFile);
    copyFileSync(shown.keyFile, pair.keyFile);

    const add = async (
      name: string,
      kind: Parameters<typeof GuardedServer.start>[0],
      options: Parameters<typeof GuardedServer.start>[1],
    ) => {
      const server = await GuardedServer.start(kind, options);
      servers.set(name, server);
      return `url = "${server.url}"`;
    };
    const accepts = (authorization: string | undefined): boolean => tokens.accepts(authorization);
    const anybody = (): boolean => true;
    const tls = { cert: own.cert, key: own.key, ca: authority.cert, requestCert: true, rejectUnauthorized: true };
    const tlsKeys = (name: string) =>
      `[upstream.groups.${name}.servers.tls]\nca_file = "${ca}"\ncert_file = "${pair.certFile}"\nkey_file = "${pair.keyFile}"\nserver_name = "localhost"\nmin_version = "1.3"\n`;

    config.push(
      group(
        'bearer',
        `${await add('bearer', 'legacy', { lets: (shown) => shown === 'Bearer of-the-file' })}\nera = "legacy"\nauth = { bearer = "\${TOKEN}" }`,
      ),
      group(
        'basic',
        `${await add('basic', 'modern', { lets: (shown) => shown === `Basic ${btoa('me:pass:word')}` })}\nauth = { basic = { username = "me", password = "\${PASSWORD}" } }`,
      ),
      group('legacy', `${await add('legacy', 'legacy', { lets: accepts })}\nera = "legacy"`) +
        oauth('legacy', tokens, 'client_credentials', 'scopes = ["one", "two"]\nresource = "https://them.example/mcp"'),
      group('modern', await add('modern', 'modern', { lets: accepts })) +
        oauth('modern', tokens, 'client_credentials', 'auth_style = "post"'),
      group('sse', `${await add('sse', 'sse', { lets: accepts })}\ntransport = "sse"`) + oauth('sse', tokens),
      group('websocket', `${await add('websocket', 'websocket', { lets: accepts })}\nera = "legacy"`) +
        oauth('websocket', tokens),
      group(
        'provider',
        `${await add('provider', 'legacy', { lets: (shown) => /^Bearer [\w.-]{20,}$/.test(shown ?? '') })}\nera = "legacy"\nauth = { oauth = { issuer = "${provider.issuer}", client_id = "gateway", client_secret = "\${CLIENT_SECRET}" } }`,
      ),
      group('mtls', `${await add('mtls', 'legacy', { lets: anybody, tls })}\nera = "legacy"`) + tlsKeys('mtls'),
      group('wss', `${await add('wss', 'websocket', { lets: anybody, tls })}\nera = "legacy"`) + tlsKeys('wss'),
      group(
        'forwards',
        `${await add('forwards', 'legacy', { lets: anybody })}\nera = "legacy"\nforward_headers = ["X-Request-Id", "traceparent"]\nheaders = { X-Static = "static" }`,
      ),
    );
    const script = fileURLToPath(new URL('../fixtures/environment-server/stdio.ts', import.meta.url));
    const child = `command = ${JSON.stringify(process.execPath)}\nargs = [${JSON.stringify(script)}]\nera = "legacy"\nenv = { MINE = "\${TOKEN}" }`;
    config.push(group('child', child));
    const env = { TOKEN: 'of-the-file', PASSWORD: 'pass:word', CLIENT_SECRET: SECRET };
    gateway = await (await startGateway(config.join('\n'), { env })).ready();
  });

  afterAll(async () => {
    await gateway?.stop();
    await Promise.all(Array.from(servers.values(), (server) => server.stop()));
    await Promise.all([tokens?.stop(), provider?.stop()]);
    authority?.dispose();
  });

  const server = (name: string): GuardedServer => servers.get(name) as GuardedServer;
  const at = (name: string): URL => new URL(`/mcp/${name}`, gateway.url);

  it.each(names)('lets the gateway in (%s)', async (name) => {
    const asking = await client(at(name));
    await shownTo(asking);
    expect(server(name).calls).toBeGreaterThan(0);
    expect(server(name).refusals).toBe(0);
    await asking.close();
  });

  it('asks for tokens in either style, for whom it was told to', () => {
    const styles = tokens.asked.map(({ authorization, form }) => [
      authorization !== undefined,
      form.has('client_secret'),
    ]);
    expect(styles).toContainEqual([true, false]);
    expect(styles).toContainEqual([false, true]);
    const asked = tokens.asked.find(({ form }) => form.get('audience') === 'aud-legacy');
    expect(asked?.form.get('scope')).toBe('one two');
    expect(asked?.form.get('resource')).toBe('https://them.example/mcp');
  });

  it.each(['legacy', 'modern', 'sse'])('gets another token when one is refused, and calls once (%s)', async (name) => {
    const asking = await client(at(name));
    await shownTo(asking);
    const { calls } = server(name);
    const asked = tokens.asked.length;
    tokens.revoke(`aud-${name}`);

    await Promise.all(Array.from({ length: 8 }, () => shownTo(asking)));

    expect(server(name).calls).toBe(calls + 8);
    expect(tokens.asked.length).toBe(asked + 1);
    expect(server(name).refusals).toBeGreaterThan(0);
    await asking.close();
  });

  it('says in its own words that a server does not let it in, and nothing of the server’s', async () => {
    const refusing = server('bearer');
    const asking = await client(at('bearer'));
    await shownTo(asking);
    const { lets } = (refusing as unknown as { options: { lets: unknown } }).options as { lets: never };
    Object.assign((refusing as unknown as { options: object }).options, { lets: () => false });
    const response = await fetch(at('bearer'), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-session-id': sessionOf(asking),
        'mcp-protocol-version': '2025-11-25',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'whoami', arguments: {} } }),
    });
    Object.assign((refusing as unknown as { options: object }).options, { lets });

    expect(response.status).toBe(200);
    expect(response.headers.get('www-authenticate')).toBeNull();
    const text = await response.text();
    expect(text).toContain('"reason":"upstream_unavailable"');
    expect(text).toContain('-32603');
    expect(text).not.toMatch(/inner|401|maybeExecuted/);
    await asking.close();
  });

  it('hands on what it was told to, and nothing else of what a client sends', async () => {
    const sent = {
      authorization: `Bearer ${CANARY}`,
      cookie: `session=${CANARY}`,
      'x-upstream-authorization': CANARY,
      'x-api-key': CANARY,
      'x-forwarded-for': '203.0.113.1',
      'x-request-id': 'request-1',
      'x-static': CANARY,
    };
    for (const name of names) {
      const asking = await client(at(name), sent);
      await shownTo(asking);
      await asking.close();
    }
    for (const name of names) expect(JSON.stringify(server(name).requests)).not.toContain(CANARY);
    const [shown] = server('forwards').shown('x-request-id');
    expect(shown).toBe('request-1');
    expect(server('forwards').shown('traceparent')).toEqual([]);
    expect(new Set(server('forwards').shown('x-static'))).toEqual(new Set(['static']));
    expect(names.filter((name) => server(name).shown('x-request-id').length > 0)).toEqual(['forwards']);
  });

  it('keeps its environment from the programs that it starts', async () => {
    const asking = await client(at('child'));
    const found = JSON.parse(textOf(await asking.callTool({ name: 'environment', arguments: {} }))) as object;
    await asking.close();
    const allowed = new Set(['PATH', 'HOME', 'LANG', 'TZ', 'MINE']);
    expect(Object.keys(found).filter((name) => !allowed.has(name))).toEqual([]);
    expect(found).toHaveProperty('MINE', 'of-the-file');
    expect(JSON.stringify(found)).not.toContain(SECRET);
  });

  it('shows a new certificate as soon as it is told that it has one', async () => {
    const next = authority.client('renewed');
    const before = gateway.line('generation')?.msg;
    copyFileSync(next.certFile, pair.certFile);
    copyFileSync(next.keyFile, pair.keyFile);
    process.kill(gateway.pid, 'SIGHUP');
    await until(() => gateway.lines.some(({ msg }) => msg?.startsWith('generation 2')), 'the next generation');
    expect(before).toBeUndefined();
    await gateway.ready();
    const asking = await client(at('mtls'));
    await shownTo(asking);
    await asking.close();
  });

  it('does not speak to a server whose certificate is not vouched for', async () => {
    const stranger = Authority.create('Stranger');
    try {
      const reached = server('mtls').requests.length;
      writeFileSync(ca, stranger.cert);
      process.kill(gateway.pid, 'SIGHUP');
      await until(() => gateway.lines.some(({ msg }) => msg?.startsWith('generation 3')), 'the next generation');
      await until(
        async () => (await stateOf('mtls')) !== 'up' && (await stateOf('wss')) !== 'up',
        'the servers to be away',
      );
      expect(
        server('mtls')
          .requests.slice(reached)
          .filter(({ 'mcp-session-id': id }) => id === undefined),
      ).toEqual([]);
    } finally {
      copyFileSync(authority.certFile, ca);
      stranger.dispose();
    }
  });

  it('prints none of its secrets', async () => {
    const printed = [...gateway.lines.map((line) => JSON.stringify(line)), ...gateway.stderr].join('\n');
    const shown = await Promise.all(
      ['/api/v1/upstreams', '/api/v1/config', '/metrics', '/health'].map(async (path) =>
        (await fetch(new URL(path, gateway.url))).text(),
      ),
    );
    const all = [printed, ...shown].join('\n');
    for (const secret of [
      SECRET,
      'of-the-file',
      'pass:word',
      btoa('me:pass:word'),
      'aud-legacy-',
      'aud-modern-',
      CANARY,
    ]) {
      expect(all).not.toContain(secret);
    }
  });

  async function stateOf(name: string): Promise<string | undefined> {
    const { groups } = await gateway.json<{ groups: { name: string; servers: { state: string }[] }[] }>(
      '/api/v1/upstreams',
    );
    return groups.find((each) => each.name === name)?.servers[0]?.state;
  }
});

/** A real authorization server, for client credentials. */
async function startProvider(): Promise<{ issuer: string; stop(): Promise<void> }> {
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'gateway',
        client_secret: SECRET,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
  });
  const answer = provider.callback();
  http.on('request', (request, response) => void answer(request, response));
  return {
    issuer,
    async stop() {
      http.closeAllConnections();
      await new Promise((done) => http.close(done));
    },
  };
}

function sessionOf(connected: Client): string {
  return (connected.transport as { sessionId?: string } | undefined)?.sessionId ?? '';
}
