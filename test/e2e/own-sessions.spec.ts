import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';

import { textOf } from '../support/clients.ts';
import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { LoginServer } from '../support/login-server.ts';
import { until } from '../support/until.ts';

const ISOLATIONS = ['session', 'auto', 'principal', 'shared'] as const;
type Isolation = (typeof ISOLATIONS)[number];

/** The official client, counting how often it is told that its tools changed. */
class Listener {
  readonly client: Client;
  changes = 0;

  private constructor(sampling: boolean) {
    this.client = new Client({ name: 'test', version: '1' }, { capabilities: sampling ? { sampling: {} } : {} });
    this.client.setNotificationHandler(ToolListChangedNotificationSchema, () => void this.changes++);
  }

  static async on(gateway: RunningGateway, path: string, { http = false, sampling = false } = {}): Promise<Listener> {
    const listener = new Listener(sampling);
    const transport = http
      ? new StreamableHTTPClientTransport(new URL(path, gateway.url))
      : new WebSocketClientTransport(new URL(path, gateway.wsUrl));
    await listener.client.connect(transport);
    return listener;
  }

  async tools(): Promise<string[]> {
    return (await this.client.listTools()).tools.map(({ name }) => name).toSorted();
  }

  async call(name: string): Promise<string> {
    return textOf(await this.client.callTool({ name, arguments: {} }));
  }
}

describe('a server that remembers who logged in', () => {
  let servers: Record<Isolation, LoginServer>;
  let gateway: RunningGateway;
  const listeners: Listener[] = [];

  beforeEach(async () => {
    const started = await Promise.all(ISOLATIONS.map(async (name) => [name, await LoginServer.start()] as const));
    servers = Object.fromEntries(started) as Record<Isolation, LoginServer>;
    const groups = started.map(
      ([name, { url }]) =>
        `[upstream.groups.${name}]\nisolation = "${name}"\n[[upstream.groups.${name}.servers]]\nurl = "${url}"\n`,
    );
    gateway = await (await startGateway(EPHEMERAL + groups.join(''))).ready();
  });

  afterEach(async () => {
    await Promise.all(listeners.splice(0).map(({ client }) => client.close().catch(() => undefined)));
    await gateway?.stop();
    await Promise.all(Object.values(servers).map((server) => server.stop()));
  });

  async function on(path: string, options?: Parameters<typeof Listener.on>[2]): Promise<Listener> {
    const listener = await Listener.on(gateway, path, options);
    listeners.push(listener);
    return listener;
  }

  it.each(['session', 'auto'] as const)('shows it to nobody else, and tells nobody else (%s)', async (isolation) => {
    for (const [path, prefix] of [
      ['/mcp', `${isolation}__`],
      [`/mcp/${isolation}`, ''],
    ] as const) {
      const [one, two] = [await on(path), await on(path, { http: true })];
      for (const each of [one, two]) expect(await each.tools()).not.toContain(`${prefix}secret`);
      expect(await one.call(`${prefix}session`)).not.toBe(await two.call(`${prefix}session`));

      await one.call(`${prefix}login`);
      await until(() => one.changes > 0, 'the one who logged in to be told');
      expect(await one.tools()).toContain(`${prefix}secret`);
      expect(await one.call(`${prefix}secret`)).toBe('secret');
      expect(await two.tools()).not.toContain(`${prefix}secret`);
      expect([one.changes, two.changes]).toEqual([1, 0]);
    }
  });

  it('shows it to the same principal where that has the session, if it can do the same', async () => {
    const [one, two] = [await on('/mcp/principal'), await on('/mcp/principal', { http: true })];
    const able = await on('/mcp/principal', { sampling: true });
    for (const each of [one, two, able]) await each.tools();
    expect(await one.call('session')).toBe(await two.call('session'));
    expect(await able.call('session')).not.toBe(await one.call('session'));

    await one.call('login');
    await until(() => one.changes > 0 && two.changes > 0, 'both to be told');
    expect(await two.tools()).toContain('secret');
    expect(await able.tools()).not.toContain('secret');
    expect([one.changes, two.changes, able.changes]).toEqual([1, 1, 0]);
  });

  it('shows it to everybody where everybody shares the session', async () => {
    const [one, two] = [await on('/mcp'), await on('/mcp/shared', { http: true, sampling: true })];
    for (const each of [one, two]) await each.tools();
    expect(await one.call('shared__session')).toBe(await two.call('session'));
    await one.call('shared__login');
    await until(() => one.changes > 0 && two.changes > 0, 'both to be told');
    expect(await two.tools()).toContain('secret');
    expect(await one.tools()).toContain('shared__secret');
    expect([one.changes, two.changes]).toEqual([1, 1]);
    expect(servers.shared.open).toBe(1);
  });

  it('is left when the client leaves', async () => {
    const one = await on('/mcp/session');
    await one.call('login');
    expect(servers.session.open).toBe(2);
    await one.client.close();
    await until(() => servers.session.open === 1, 'the session to be closed');
  });
});

describe('a new configuration', () => {
  const server = 'command = "node"\nargs = ["examples/basic/src/server.ts"]\n';
  const settings = (instructions: string, ...groups: string[]) =>
    `${EPHEMERAL}[gateway]\ninstructions = "${instructions}"\n${groups
      .map((name) => `[[upstream.groups.${name}.servers]]\n${server}`)
      .join('')}`;

  it('is announced once where it changes the tools, and not where it does not', async () => {
    const gateway = await (await startGateway(settings('first', 'crm'))).ready();
    const reload = async (generation: number, toml: string): Promise<void> => {
      gateway.rewrite(toml);
      gateway.process.kill('SIGHUP');
      await until(
        async () => (await gateway.json<{ generation: number }>('/api/v1/status')).generation === generation,
        `generation ${generation}`,
      );
      await gateway.ready();
    };
    const [one, own] = [await Listener.on(gateway, '/mcp'), await Listener.on(gateway, '/mcp', { sampling: true })];
    for (const each of [one, own]) await each.tools();

    await reload(2, settings('first', 'crm', 'notes'));
    await until(() => one.changes > 0 && own.changes > 0, 'both to be told');
    for (const each of [one, own]) expect(await each.tools()).toContain('notes__echo');
    await reload(3, settings('second', 'crm', 'notes'));
    for (const each of [one, own]) expect(await each.tools()).toContain('notes__echo');
    await reload(4, settings('second', 'crm'));
    await until(() => one.changes > 1 && own.changes > 1, 'both to be told again');
    expect([one.changes, own.changes]).toEqual([2, 2]);
    for (const each of [one, own]) expect(await each.tools()).not.toContain('notes__echo');

    await Promise.all([one, own].map(({ client }) => client.close()));
    await gateway.stop();
  });
});
