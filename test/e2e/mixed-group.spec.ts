import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js';

import { host, type Host } from '../fixtures/full-server/hosts.ts';
import { FullClient } from '../support/full-client.ts';
import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { ModernSdkClient } from '../support/modern-sdk-client.ts';
import { modernHost, type ModernHost } from '../support/modern-server.ts';
import { until } from '../support/until.ts';

const UPDATED = 'notifications/resources/updated';
const CLIENTS = 10;

interface ShownServer {
  readonly id: string;
  readonly era?: string;
  readonly requests: number;
}
type AnyClient = FullClient | ModernSdkClient;

/** What a rolling upgrade is like while it lasts: replicas of both eras in one group. */
describe.each(['streamable_http', 'websocket'] as const)('a group of a modern and a legacy replica over %s', (kind) => {
  let modern: ModernHost;
  let legacy: Host;
  let gateway: RunningGateway;
  let clients: AnyClient[];

  beforeEach(async () => {
    modern = await modernHost(kind);
    legacy = await host(kind);
    const servers = Object.entries({ modern, legacy });
    const group = servers.map(([id, { toml }]) => `[[upstream.groups.mix.servers]]\nid = "${id}"\n${toml}\n`);
    gateway = await startGateway(EPHEMERAL + group.join(''));
    await gateway.ready();
    await until(async () => (await shown()).every(({ id, era }) => id === era), 'both eras to be found out');
    clients = [];
  });

  afterEach(async () => {
    for (const client of clients) await client[Symbol.asyncDispose]();
    await gateway?.stop();
    await modern[Symbol.asyncDispose]();
    await legacy[Symbol.asyncDispose]();
  });

  const shown = async (): Promise<readonly ShownServer[]> => {
    const { groups } = await gateway.json<{ groups: { servers: ShownServer[] }[] }>('/api/v1/upstreams');
    return groups[0]!.servers;
  };
  const requests = async () => (await shown()).map(({ requests }) => requests);

  async function connect(era: 'legacy' | 'modern', n: number): Promise<AnyClient> {
    const url = new URL('/mcp/mix', n % 2 ? gateway.wsUrl : gateway.url);
    const name = `${era}-${n}`;
    const transport = () => (n % 2 ? new WebSocketClientTransport(url) : new StreamableHTTPClientTransport(url));
    const client =
      era === 'modern' ? new ModernSdkClient(name).connect(url.href) : new FullClient(name).connect(transport());
    clients.push(await client);
    return client;
  }

  const connectAll = (era: 'legacy' | 'modern') =>
    Promise.all(Array.from({ length: CLIENTS }, (_, n) => connect(era, n)));

  async function use(client: AnyClient): Promise<void> {
    const { name } = client;
    const calls: readonly [tool: string, args: Record<string, unknown>, answer: unknown][] = [
      ['echo', { text: JSON.stringify(name) }, name],
      ['ask', {}, { action: 'accept', content: { name } }],
      ['sample', { prompt: 'hi' }, { type: 'text', text: `as ${name}` }],
      ['roots', {}, [{ uri: `file:///home/${name}` }]],
    ];
    // Whoever has a session stays with it: what comes first may be anything.
    const turn = clients.indexOf(client) % calls.length;
    const inTurn = [...calls.slice(turn), ...calls.slice(0, turn)];
    const answers = await Promise.all(inTurn.map(([tool, args]) => client.call(tool, args)));
    expect(answers.map((answer) => JSON.parse(answer) as unknown)).toEqual(inTurn.map(([, , answer]) => answer));
  }

  it.each(['legacy', 'modern'] as const)('serves %s clients on either, whatever it asks them', async (era) => {
    const all = await connectAll(era);
    const before = await requests();
    await Promise.all(all.map((client) => use(client)));
    const after = await requests();
    // Both had their share.
    expect(after.map((count, at) => count > before[at]!)).toEqual([true, true]);
  });

  it('tells clients of either era of resources that change on the replica that they got', async () => {
    const [old, young] = [await connect('legacy', 0), await connect('modern', 1)];
    await (old as FullClient).sdk.subscribeResource({ uri: 'note://first' });
    await (young as ModernSdkClient).sdk.listen({ resourceSubscriptions: ['note://first'] });
    modern.server.notifier.resourceUpdated('note://first');
    for (const { mcp, subscribed } of legacy.sessions) {
      if (subscribed.has('note://first')) await mcp.server.sendResourceUpdated({ uri: 'note://first' });
    }
    for (const client of [old, young]) {
      expect((await client.told(UPDATED)).params).toMatchObject({ uri: 'note://first' });
    }
  });
});
