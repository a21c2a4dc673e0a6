import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';

import { host, HOST_KINDS, type Host, type HostKind } from '../fixtures/full-server/hosts.ts';
import { FullClient } from '../support/full-client.ts';
import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { MODERN_HOSTS, modernHost, type ModernHost, type ModernHostKind } from '../support/modern-server.ts';
import { ModernSdkClient } from '../support/modern-sdk-client.ts';
import { until } from '../support/until.ts';

const UPDATED = 'notifications/resources/updated';
const CHANGED = 'notifications/tools/list_changed';

const CLIENTS = [
  { kit: 'v2', era: 'modern', transport: 'streamable_http' },
  { kit: 'v2', era: 'modern', transport: 'websocket' },
  { kit: 'v2', era: 'legacy', transport: 'streamable_http' },
  { kit: 'v2', era: 'legacy', transport: 'websocket' },
  { kit: 'v1', era: 'legacy', transport: 'streamable_http' },
  { kit: 'v1', era: 'legacy', transport: 'websocket' },
  { kit: 'v1', era: 'legacy', transport: 'sse' },
] as const;
type ClientKind = (typeof CLIENTS)[number];
type AnyClient = FullClient | ModernSdkClient;

const MODERN = MODERN_HOSTS.map((kind) => ({ era: 'modern' as const, kind }));
const LEGACY = HOST_KINDS.map((kind) => ({ era: 'legacy' as const, kind }));
type ServerKind = (typeof MODERN)[number] | (typeof LEGACY)[number];

/** What clients of the legacy era do with servers of their own stands in the matrix of that era. */
const CELLS = CLIENTS.flatMap((client) =>
  [...MODERN, ...LEGACY].map((server): { client: ClientKind; server: ServerKind } => ({ client, server })),
).filter(
  ({ client, server }) => client.era === 'modern' || server.era === 'modern' || isSecondKitAlone(client, server),
);

/** One cell for what another kit may do differently. */
function isSecondKitAlone({ kit }: ClientKind, { kind }: ServerKind): boolean {
  return kit === 'v2' && kind === 'streamable_http';
}

/** Every method by the official kits on both sides, for every pair of eras and transports. */
describe('clients of both eras through the gateway', () => {
  const modern = new Map<ModernHostKind, ModernHost>();
  const legacy = new Map<HostKind, Host>();
  let gateway: RunningGateway;
  let served = 0;

  beforeAll(async () => {
    for (const kind of MODERN_HOSTS) modern.set(kind, await modernHost(kind));
    for (const kind of HOST_KINDS) legacy.set(kind, await host(kind));
    const servers = [
      ...Array.from(modern, ([kind, { toml }]) => [groupOf({ era: 'modern', kind }), toml]),
      ...Array.from(legacy, ([kind, { toml }]) => [groupOf({ era: 'legacy', kind }), toml]),
    ];
    const groups = servers.map(([name, toml]) => `[[upstream.groups.${name}.servers]]\n${toml}\n`);
    gateway = await startGateway(`${EPHEMERAL}\n[upstream]\nmax_children = 200\n${groups.join('')}`);
    await gateway.ready();
    await until(async () => (await peers()).length === servers.length, 'every server to be introduced');
  });

  afterAll(async () => {
    await gateway?.stop();
    for (const each of [...modern.values(), ...legacy.values()]) await each[Symbol.asyncDispose]();
  });

  interface ShownServer {
    readonly era?: string;
    readonly revision?: string;
  }
  const peers = async (): Promise<(ShownServer & { group: string })[]> => {
    const { groups } = await gateway.json<{ groups: { name: string; servers: ShownServer[] }[] }>('/api/v1/upstreams');
    return groups
      .flatMap(({ name, servers }) => servers.map((server) => ({ ...server, group: name })))
      .filter(({ era }) => era !== undefined);
  };

  async function connect({ kit, era, transport }: ClientKind, server: ServerKind): Promise<AnyClient> {
    const path = `/${transport === 'sse' ? 'sse' : 'mcp'}/${groupOf(server)}`;
    const url = new URL(path, transport === 'websocket' ? gateway.wsUrl : gateway.url);
    const name = `client-${++served}`;
    if (kit === 'v2') return new ModernSdkClient(name, era).connect(url.href);
    return new FullClient(name).connect(legacyTransport(transport, url));
  }

  it('finds out the era of every server', async () => {
    for (const { group, era, revision } of await peers()) {
      expect([group, era]).toEqual([group, group.split('-')[0]]);
      expect(revision).toBe(era === 'modern' ? '2026-07-28' : '2025-11-25');
    }
  });

  describe.each(CELLS)(
    '$client.kit $client.era over $client.transport to $server.era $server.kind',
    ({ client, server }) => {
      // The second kit as a legacy client is one more kit; the pairs of eras and transports are all there without it.
      const isPair = client.kit === 'v1' || client.era === 'modern';
      // Without a session, and without a connection of its own, a legacy server can ask nobody.
      const asks = isPair && server.kind !== 'stateless_http';

      it('lists, calls, reads, completes and gets, and reports progress', async () => {
        await using one = await connect(client, server);
        const { sdk } = one;
        const { tools } = await sdk.listTools();
        expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['echo', 'sample', 'ask', 'grow']));
        expect(await one.call('echo', { text: 'héllo' })).toBe('héllo');
        expect((await sdk.listResources()).resources.map(({ uri }) => uri)).toContain('note://first');
        const { resourceTemplates } = await sdk.listResourceTemplates();
        expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(['note://by/{name}']);
        const { contents } = await sdk.readResource({ uri: 'note://by/ada' });
        expect(contents).toMatchObject([{ uri: 'note://by/ada', text: 'about note://by/ada' }]);
        expect((await sdk.listPrompts()).prompts.map(({ name }) => name)).toContain('greet');
        const prompt = await sdk.getPrompt({ name: 'greet', arguments: { name: 'Ada' } });
        expect(prompt.messages[0]?.content).toMatchObject({ type: 'text', text: 'Greet Ada.' });
        const ref = { type: 'ref/prompt' as const, name: 'greet' };
        const { completion } = await sdk.complete({ ref, argument: { name: 'name', value: 'a' } });
        expect(completion.values).toEqual(['ada', 'alan']);
        const heard: number[] = [];
        const onprogress = ({ progress }: { progress: number }): void => void heard.push(progress);
        const params = { name: 'count', arguments: { to: 3 } };
        if (one instanceof FullClient) await one.sdk.callTool(params, undefined, { onprogress });
        else await one.sdk.callTool(params, { onprogress });
        // The kits forget progress that arrives together with the result; what they did hear must be right.
        expect(heard).toEqual([1, 2, 3].slice(0, heard.length));
      });

      it.runIf(asks)('brings each question to the client that caused it', async () => {
        await using ada = await connect(client, server);
        await using bob = await connect(client, server);
        const answers = await Promise.all(
          [ada, bob].flatMap((each) => ['sample', 'ask'].map((tool) => each.call(tool, { prompt: 'hi' }))),
        );
        expect(answers.map((answer) => JSON.parse(answer) as unknown)).toEqual(
          [ada, bob].flatMap(({ name }) => [
            { type: 'text', text: `as ${name}` },
            { action: 'accept', content: { name } },
          ]),
        );
        expect(JSON.parse(await bob.call('roots'))).toEqual([{ uri: `file:///home/${bob.name}` }]);
        expect(JSON.parse(await ada.call('visit'))).toEqual({ action: 'accept' });
        expect(ada.answered.toSorted()).toEqual([
          'elicitation/create form',
          'elicitation/create url',
          'sampling/createMessage',
        ]);
      });

      it.runIf(asks && server.era === 'modern')('goes on from round to round', async () => {
        await using one = await connect(client, server);
        const { first, again } = JSON.parse(await one.call('interview')) as { first: string; again: unknown };
        const accepted = { action: 'accept', content: { name: one.name } };
        expect(JSON.parse(first)).toEqual({ name: accepted, roots: { roots: [{ uri: `file:///home/${one.name}` }] } });
        expect(again).toEqual(accepted);
      });

      it.runIf(asks && server.kind !== 'stdio')('stops what the client cancels', async () => {
        await using one = await connect(client, server);
        const begun = since(server, 'waiting');
        const stopped = since(server, 'cancelled');
        const stop = new AbortController();
        const waiting =
          one instanceof FullClient
            ? one.sdk.callTool({ name: 'wait' }, undefined, { signal: stop.signal })
            : one.sdk.callTool({ name: 'wait' }, { signal: stop.signal });
        waiting.catch(() => undefined);
        await until(begun, 'the call to arrive');
        stop.abort();
        await expect(waiting).rejects.toThrow();
        await until(stopped, 'the server to stop');
      });

      it.runIf(asks && server.kind !== 'stdio')('hears of resources and lists that changed', async () => {
        await using one = await connect(client, server);
        await one.sdk.listTools();
        await watch(one, client.era);
        await touch(server);
        expect((await one.told(UPDATED)).params).toMatchObject({ uri: 'note://first' });
        grow(server);
        await one.told(CHANGED);
      });
    },
  );

  /** Tells whether one more call was counted since. Sessions that have ended take their counts with them. */
  function since({ era, kind }: ServerKind, count: 'waiting' | 'cancelled'): () => boolean {
    const counted = () => (era === 'modern' ? [modern.get(kind)!.server] : [...legacy.get(kind)!.sessions]);
    const before = new Map<object, number>(counted().map((each) => [each, each[count]]));
    return () => counted().some((each) => each[count] > (before.get(each) ?? 0));
  }

  async function touch({ era, kind }: ServerKind): Promise<void> {
    if (era === 'modern') return modern.get(kind)!.server.notifier.resourceUpdated('note://first');
    for (const { mcp, subscribed } of legacy.get(kind)!.sessions) {
      if (subscribed.has('note://first')) await mcp.server.sendResourceUpdated({ uri: 'note://first' });
    }
  }

  function grow({ era, kind }: ServerKind): void {
    const name = `bonus-${++served}`;
    if (era === 'modern') return modern.get(kind)!.server.grow(name);
    for (const { mcp } of legacy.get(kind)!.sessions) mcp.registerTool(name, {}, () => ({ content: [] }));
  }
});

async function watch(client: AnyClient, era: 'legacy' | 'modern'): Promise<void> {
  const filter = { toolsListChanged: true, resourceSubscriptions: ['note://first'] };
  if (client instanceof ModernSdkClient && era === 'modern') await client.sdk.listen(filter);
  else await client.sdk.subscribeResource({ uri: 'note://first' });
}

function legacyTransport(transport: ClientKind['transport'], url: URL): Transport {
  if (transport === 'websocket') return new WebSocketClientTransport(url);
  return transport === 'sse' ? new SSEClientTransport(url) : new StreamableHTTPClientTransport(url);
}

function groupOf({ era, kind }: { readonly era: string; readonly kind: string }): string {
  return `${era}-${kind.replaceAll('_', '-')}`;
}
