import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SignJWT } from 'jose';

import { BIN, EPHEMERAL, ROOT, type RunningGateway, startGateway } from '../support/gateway.ts';
import { GuardedServer } from '../support/guarded-server.ts';
import { ModernSdkClient } from '../support/modern-sdk-client.ts';
import { client, CLIENT_SECRET, group, oauth, shownTo } from '../support/shown.ts';
import { TokenServer } from '../support/token-server.ts';
import { until } from '../support/until.ts';

const JWT_SECRET = 'q8Zt0vLxW3mK7pRb2nYc5sUe9hJd4fGa';
const issued = new Map<string, Promise<string>>();

/** The token of `NAME` or `NAME.SCOPE`, one and the same each time. */
function tokenOf(whose: string): Promise<string> {
  const known = issued.get(whose);
  if (known) return known;
  const [sub = '', scope] = whose.split('.');
  const claims = new SignJWT({ ...(scope !== undefined && { scope }) }).setProtectedHeader({ alg: 'HS256' });
  const token = claims.setSubject(sub).setExpirationTime('10m').sign(Buffer.from(JWT_SECRET));
  issued.set(whose, token);
  return token;
}

describe('tokens of callers, exchanged', () => {
  let tokens: TokenServer;
  let gateway: RunningGateway;
  const servers = new Map<string, GuardedServer>();
  const kinds = ['legacy', 'modern', 'sse', 'websocket'] as const;
  const open: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    tokens = await TokenServer.start();
    const auth = '[security.auth]\nenabled = true\nmethods = ["jwt", "anonymous"]\njwt_secret = "${JWT_SECRET}"\n';
    let toml = `${EPHEMERAL}${auth}[upstream.reconnect]\nmin = "20ms"\nmax = "200ms"\n`;
    for (const kind of kinds) {
      const server = await GuardedServer.start(kind, { lets: (shown) => tokens.accepts(shown) });
      servers.set(kind, server);
      const how = kind === 'sse' ? 'transport = "sse"' : kind === 'modern' ? '' : 'era = "legacy"';
      toml += group(kind, `url = "${server.url}"\n${how}`) + oauth(kind, tokens, 'token_exchange');
    }
    const pinned = await GuardedServer.start('legacy', { lets: (shown) => tokens.accepts(shown) });
    servers.set('pinned', pinned);
    toml += group('pinned', `url = "${pinned.url}"`, 'on_drift = "hide"') + oauth('pinned', tokens, 'token_exchange');
    gateway = await (await startGateway(toml, { env: { CLIENT_SECRET, JWT_SECRET } })).ready();
  });

  afterEach(() => Promise.all(open.splice(0).map((each) => each.close())));

  afterAll(async () => {
    await gateway?.stop();
    await Promise.all(Array.from(servers.values(), (server) => server.stop()));
    await tokens?.stop();
  });

  async function legacy(kind: string, whose?: string): Promise<Client> {
    const headers = whose === undefined ? {} : { authorization: `Bearer ${await tokenOf(whose)}` };
    const made = await client(`${gateway.url}/${kind}`, headers);
    open.push(made);
    return made;
  }

  async function modern(kind: string, whose: string): Promise<ModernSdkClient> {
    const made = new ModernSdkClient(whose, 'modern', { capabilities: {} });
    const requestInit = { headers: { authorization: `Bearer ${await tokenOf(whose)}` } };
    await made.connect(new ModernTransport(new URL(`${gateway.url}/${kind}`), { requestInit }));
    open.push({ close: () => made.sdk.close() });
    return made;
  }

  it.each(kinds)('show a server each caller as itself, in calls and lists (%s)', async (kind) => {
    const [ada, bob] = [await legacy(kind, 'ada'), await legacy(kind, 'bob')];
    for (const [name, each] of [
      ['ada', ada],
      ['bob', bob],
      ['ada', ada],
    ] as const) {
      expect((await shownTo(each))['authorization']).toMatch(new RegExp(`^Bearer ${name}-\\d+$`));
      expect((await each.listTools()).tools.map((tool) => tool.name).toSorted()).toEqual([`of-${name}`, 'whoami']);
    }
  });

  it.each(kinds)('show a server each modern caller as itself (%s)', async (kind) => {
    const [ada, bob] = [await modern(kind, 'ada'), await modern(kind, 'bob')];
    for (const [name, each] of [
      ['ada', ada],
      ['bob', bob],
      ['ada', ada],
    ] as const) {
      const shown = JSON.parse(await each.call('whoami')) as Record<string, string>;
      expect(shown['authorization']).toMatch(new RegExp(`^Bearer ${name}-\\d+$`));
      const { tools } = await each.sdk.listTools();
      expect(tools.map((tool) => tool.name).toSorted()).toEqual([`of-${name}`, 'whoami']);
    }
  });

  it('are never seen by a server', async () => {
    const mine = await Promise.all(issued.values());
    expect(mine.length).toBeGreaterThan(1);
    const seen = JSON.stringify([...servers.values()].map(({ requests }) => requests));
    for (const token of mine) expect(seen).not.toContain(token.split('.')[2]);
    for (const server of servers.values()) {
      const shown = server.requests.map(({ authorization }) => authorization ?? '');
      expect(shown.filter((each) => !/^Bearer \w+(\.\w+)?-\d+$/.test(each))).toEqual([]);
    }
  });

  it('open a session for each caller, beside that of the gateway', () => {
    expect(new Set(servers.get('legacy')?.subjects)).toEqual(new Set(['own', 'ada', 'bob']));
  });

  it('are exchanged once, however many requests a caller sends', async () => {
    const carol = await legacy('modern', 'carol');
    const before = tokens.count('exchange');
    await Promise.all(Array.from({ length: 10 }, () => shownTo(carol)));
    expect(tokens.count('exchange')).toBe(before + 1);
  });

  it('are exchanged one by one, also those of the same caller', async () => {
    const [little, much] = [await legacy('modern', 'dora.little'), await legacy('modern', 'dora.much')];
    const shown = [await shownTo(little), await shownTo(much)].map(({ authorization }) => authorization);
    expect(shown[0]).toMatch(/^Bearer dora\.little-/);
    expect(shown[1]).toMatch(/^Bearer dora\.much-/);
  });

  it.each(kinds)('are needed: who came without one is refused, and nobody else is (%s)', async (kind) => {
    const nobody = await legacy(kind);
    const calls = servers.get(kind)?.calls;
    for (let count = 0; count < 8; count++) {
      await expect(nobody.callTool({ name: 'whoami', arguments: {} })).rejects.toThrow('access_denied');
    }
    expect(servers.get(kind)?.calls).toBe(calls);
    expect((await shownTo(await legacy(kind, 'ada')))['authorization']).toMatch(/^Bearer ada-/);
  });

  it('may be refused by the authorization server, which harms nobody else', async () => {
    const bad = await legacy('modern', 'bad');
    const before = tokens.count('exchange');
    for (let count = 0; count < 5; count++) {
      await expect(bad.callTool({ name: 'whoami', arguments: {} })).rejects.toThrow('access_denied');
    }
    expect(tokens.count('exchange')).toBe(before + 1);
    expect((await shownTo(await legacy('modern', 'ada')))['authorization']).toMatch(/^Bearer ada-/);
  });

  it('cannot be exchanged while the authorization server is away, which the rest of the time does not hurt', async () => {
    const erin = await legacy('modern', 'erin');
    tokens.failure = { status: 503, error: 'temporarily_unavailable' };
    await expect(erin.callTool({ name: 'whoami', arguments: {} })).rejects.toMatchObject({
      data: { reason: 'upstream_unavailable' },
    });
    // Whoever has a token already needs nobody.
    expect((await shownTo(await legacy('modern', 'ada')))['authorization']).toMatch(/^Bearer ada-/);
    tokens.failure = undefined;
    await until(
      () =>
        shownTo(erin).then(
          () => true,
          () => false,
        ),
      'the authorization server to be asked again',
    );
  });

  it('show each caller of a pinned group what was approved of its own list, and nothing else', async () => {
    const locked = [BIN, 'lock', '--config', gateway.configFile, '--approve', 'pinned/whoami'];
    const env = { ...process.env, CLIENT_SECRET, JWT_SECRET };
    expect(await once(spawn(process.execPath, locked, { cwd: ROOT, env }), 'exit')).toEqual([0, null]);
    const ada = await legacy('pinned', 'ada');
    const listed = async () => (await ada.listTools()).tools.map(({ name }) => name);
    await until(async () => (await listed()).length > 0, 'what was approved');
    expect(await listed()).toEqual(['whoami']);
    expect((await shownTo(ada))['authorization']).toMatch(/^Bearer ada-/);
    const { calls } = servers.get('pinned') as GuardedServer;
    for (const name of ['of-ada', 'of-own', 'of-bob']) {
      await expect(ada.callTool({ name, arguments: {} })).rejects.toMatchObject({ code: -32602 });
    }
    expect(servers.get('pinned')?.calls).toBe(calls);
  });

  it('are not what a subscription at a modern server could be asked with', async () => {
    const ada = await legacy('modern', 'ada');
    await expect(ada.subscribeResource({ uri: 'note://one' })).rejects.toThrow('access_denied');
  });
});
