import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js';
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';

import { host, type Host } from '../fixtures/full-server/hosts.ts';
import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';

/** The official client, with the resources that it was told of. */
class Listener {
  readonly told: string[] = [];
  readonly client = new Client({ name: 'test', version: '1' });

  static async on(gateway: RunningGateway, transport: 'ws' | 'http', path = '/mcp'): Promise<Listener> {
    const listener = new Listener();
    listener.client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
      listener.told.push(params.uri);
    });
    const opened =
      transport === 'ws'
        ? new WebSocketClientTransport(new URL(path, gateway.wsUrl))
        : new StreamableHTTPClientTransport(new URL(path, gateway.url));
    await listener.client.connect(opened);
    return listener;
  }

  async touch(name: string, uri: string): Promise<void> {
    await this.client.callTool({ name, arguments: { uri } });
  }

  /** Nothing else was said before the answer to a ping, or is on its way on the stream of the session. */
  async heard(): Promise<string[]> {
    await this.client.ping();
    return this.told.splice(0);
  }
}

describe.each(['shared', 'session'])('resources of servers with isolation %s', (isolation) => {
  let web: Host;
  let gateway: RunningGateway;
  let ada: Listener;
  let bob: Listener;

  beforeAll(async () => {
    web = await host('streamable_http');
    const child = await host('stdio');
    const group = (name: string, toml: string): string =>
      `[upstream.groups.${name}]\nisolation = "${isolation}"\n[[upstream.groups.${name}.servers]]\n${toml}\n`;
    gateway = await startGateway(`${EPHEMERAL}\n${group('child', child.toml)}\n${group('web', web.toml)}`);
    await gateway.ready();
  });

  afterAll(async () => {
    await gateway?.stop();
    await web?.[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    ada = await Listener.on(gateway, 'ws');
    bob = await Listener.on(gateway, 'http');
  });

  afterEach(() => Promise.all([ada.client.close(), bob.client.close()]));

  it.each(['child', 'web'])('are followed in %s by those who subscribed, and by nobody else', async (group) => {
    expect(ada.client.getServerCapabilities()?.resources).toEqual({ subscribe: true, listChanged: true });
    const uri = `${group}+note://first`;
    await ada.client.subscribeResource({ uri });

    await ada.touch(`${group}__touch`, 'note://first/part');
    await ada.touch(`${group}__touch`, 'note://second');
    await until(() => ada.told.length > 0, 'the update');
    expect(await ada.heard()).toEqual([`${uri}/part`]);
    expect(await bob.heard()).toEqual([]);

    await bob.client.subscribeResource({ uri });
    const both = isolation === 'shared' ? [ada, bob] : [bob];
    await bob.touch(`${group}__touch`, 'note://first');
    for (const each of both) {
      await until(() => each.told.length > 0, 'the update');
      expect(await each.heard()).toEqual([uri]);
    }

    await bob.client.unsubscribeResource({ uri });
    await bob.touch(`${group}__touch`, 'note://first');
    if (isolation === 'shared') await until(() => ada.told.length > 0, 'the update');
    expect(await bob.heard()).toEqual([]);
    expect(await ada.heard()).toEqual(isolation === 'shared' ? [uri] : []);
  });

  it('are let go of upstream when the last who subscribed has left', async () => {
    const subscribed = (): string[] => [...web.sessions].flatMap((session) => [...session.subscribed]);
    for (const each of [ada, bob]) await each.client.subscribeResource({ uri: 'web+note://left' });
    expect(subscribed().filter((uri) => uri === 'note://left')).toHaveLength(isolation === 'shared' ? 1 : 2);

    await ada.client.close();
    await bob.client.unsubscribeResource({ uri: 'web+note://left' });

    await until(() => !subscribed().includes('note://left'), 'the server to be told');
  });
});

describe('a subscription', () => {
  let server: Host;
  let gateway: RunningGateway;
  let ada: Listener;
  const configured = (more = ''): string =>
    `${EPHEMERAL}\n${more}\n[upstream.reconnect]\nmin = "10ms"\n[upstream.groups.crm]\nisolation = "shared"\n[[upstream.groups.crm.servers]]\n${server.toml}\n`;
  const subscribed = (): string[] => [...server.sessions].flatMap((session) => [...session.subscribed]);

  beforeAll(async () => {
    server = await host('websocket');
    gateway = await startGateway(configured());
    await gateway.ready();
    ada = await Listener.on(gateway, 'ws');
    await ada.client.subscribeResource({ uri: 'crm+note://first' });
  });

  afterAll(async () => {
    await ada?.client.close();
    await gateway?.stop();
    await server?.[Symbol.asyncDispose]();
  });

  it('outlives the connection to the server, and says that something may have been missed', async () => {
    await Promise.all(Array.from(server.sessions, ({ mcp }) => mcp.close()));

    await until(() => ada.told.length > 0, 'word of what may have been missed');
    expect(await ada.heard()).toEqual(['crm+note://first']);
    expect(subscribed()).toEqual(['note://first']);

    await ada.touch('crm__touch', 'note://first');
    await until(() => ada.told.length > 0, 'the update');
  });

  it('outlives a reload', async () => {
    ada.told.length = 0;
    gateway.rewrite(configured('[gateway]\nmax_subscriptions_per_session = 2'));
    await until(() => gateway.lines.some(({ msg }) => msg?.startsWith('generation 2')), 'the second generation');

    await ada.touch('crm__touch', 'note://first');
    await until(() => ada.told.length > 0, 'the update');
    expect(new Set(await ada.heard())).toEqual(new Set(['crm+note://first']));
    expect(subscribed()).toEqual(['note://first']);
  });

  it('is one of as many as a session may have', async () => {
    await ada.client.subscribeResource({ uri: 'crm+note://second' });

    await expect(ada.client.subscribeResource({ uri: 'crm+note://third' })).rejects.toMatchObject({
      code: -32603,
      data: { reason: 'limit_subscriptions' },
    });
  });
});
