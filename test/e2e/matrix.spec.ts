import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { Progress } from '@modelcontextprotocol/sdk/types.js';

import { host, HOST_KINDS, type Host, type HostKind } from '../fixtures/full-server/hosts.ts';
import { FullClient } from '../support/full-client.ts';
import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';

const CLIENT_KINDS = ['websocket', 'streamable_http', 'sse'] as const;
type ClientKind = (typeof CLIENT_KINDS)[number];

interface Connection {
  readonly client: string;
  readonly pending: number;
}

const CELLS = HOST_KINDS.flatMap((upstream) => CLIENT_KINDS.map((downstream) => ({ downstream, upstream })));

/** Every method of the legacy revisions, by the official SDK on both sides, for every pair of transports. */
describe('the official SDK through the gateway', () => {
  const hosts = new Map<HostKind, Host>();
  let gateway: RunningGateway;
  let served = 0;

  const open = (kind: ClientKind, upstream: HostKind): Transport => {
    const name = groupOf(upstream);
    if (kind === 'websocket') return new WebSocketClientTransport(new URL(`/mcp/${name}`, gateway.wsUrl));
    if (kind === 'sse') return new SSEClientTransport(new URL(`/sse/${name}`, gateway.url));
    return new StreamableHTTPClientTransport(new URL(`/mcp/${name}`, gateway.url));
  };
  const connect = (downstream: ClientKind, upstream: HostKind, client = new FullClient(`client-${++served}`)) =>
    client.connect(open(downstream, upstream));

  const pending = async ({ name }: FullClient): Promise<number | undefined> => {
    const { connections } = await gateway.json<{ connections: Connection[] }>('/api/v1/connections');
    return connections.find(({ client }) => client.startsWith(`${name} `))?.pending;
  };

  beforeAll(async () => {
    for (const kind of HOST_KINDS) hosts.set(kind, await host(kind));
    const groups = Array.from(hosts, ([kind, { toml }]) => `[[upstream.groups.${groupOf(kind)}.servers]]\n${toml}\n`);
    gateway = await startGateway(`${EPHEMERAL}\n[upstream]\nmax_children = 200\n${groups.join('')}`);
    await gateway.ready();
  });

  afterAll(async () => {
    await gateway?.stop();
    for (const each of hosts.values()) await each[Symbol.asyncDispose]();
  });

  describe.each(CELLS)('$downstream to $upstream', ({ downstream, upstream }) => {
    const keepsSessions = upstream !== 'stateless_http';

    it('lists, calls, reads, completes and gets', async () => {
      await using client = await connect(downstream, upstream);
      const { sdk } = client;

      const { tools } = await sdk.listTools();
      expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['echo', 'sample', 'ask', 'grow']));
      expect(await client.call('echo', { text: 'héllo' })).toBe('héllo');

      const { resources } = await sdk.listResources();
      expect(resources.map(({ uri }) => uri)).toEqual(['note://first']);
      const { resourceTemplates } = await sdk.listResourceTemplates();
      expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(['note://by/{name}']);
      const { contents } = await sdk.readResource({ uri: 'note://by/ada' });
      expect(contents).toEqual([{ uri: 'note://by/ada', mimeType: 'text/plain', text: 'about note://by/ada' }]);

      expect((await sdk.listPrompts()).prompts.map(({ name }) => name)).toEqual(['greet']);
      const prompt = await sdk.getPrompt({ name: 'greet', arguments: { name: 'Ada' } });
      expect(prompt.messages[0]?.content).toEqual({ type: 'text', text: 'Greet Ada.' });
      const ref = { type: 'ref/prompt' as const, name: 'greet' };
      const { completion } = await sdk.complete({ ref, argument: { name: 'name', value: 'a' } });
      expect(completion.values).toEqual(['ada', 'alan']);
      await sdk.ping();
    });

    it('reports progress under the token of the client', async () => {
      await using client = await connect(downstream, upstream);
      const heard: Progress[] = [];
      const options = { onprogress: (progress: Progress) => void heard.push(progress) };
      await client.sdk.callTool({ name: 'count', arguments: { to: 3 } }, undefined, options);
      // The SDK forgets progress that arrives together with the result; what it did hear must be right.
      expect(heard.map(({ progress }) => progress)).toEqual([1, 2, 3].slice(0, heard.length));
    });

    it.runIf(keepsSessions)('tells what is logged, from the level that the client wants', async () => {
      await using client = await connect(downstream, upstream);
      await client.sdk.setLoggingLevel('warning');
      await client.call('count', { to: 2 });
      const { params } = await client.told('notifications/message');
      expect(params).toMatchObject({ level: 'warning', data: 'counted to 2' });
      expect(client.notifications.filter(({ method }) => method === 'notifications/message')).toHaveLength(1);
    });

    it.runIf(keepsSessions)('brings each question to the client that caused it', async () => {
      await using ada = await connect(downstream, upstream);
      await using bob = await connect(downstream, upstream);
      const answers = await Promise.all(
        [ada, bob].flatMap((client) => ['sample', 'ask'].map((tool) => client.call(tool, { prompt: 'hi' }))),
      );
      expect(answers.map((answer) => JSON.parse(answer) as unknown)).toEqual(
        [ada, bob].flatMap(({ name }) => [
          { type: 'text', text: `as ${name}` },
          { action: 'accept', content: { name } },
        ]),
      );
      expect(JSON.parse(await bob.call('roots'))).toEqual([{ uri: `file:///home/${bob.name}` }]);
      expect(ada.answered.toSorted()).toEqual(['elicitation/create form', 'sampling/createMessage']);
    });

    it.runIf(keepsSessions)('carries a URL elicitation and its completion', async () => {
      await using client = await connect(downstream, upstream);
      expect(JSON.parse(await client.call('visit'))).toEqual({ action: 'accept' });
      expect((await client.told('notifications/elicitation/complete')).params).toEqual({ elicitationId: 'e-1' });
    });

    it.runIf(keepsSessions)('tells servers what this client can do, and no more', async () => {
      await using client = await connect(downstream, upstream, new FullClient('shy', { elicitation: { form: {} } }));
      const told = JSON.parse(await client.call('told')) as Record<string, unknown>;
      expect(Object.keys(told)).toEqual(['elicitation']);
    });

    it.runIf(keepsSessions)('cancels upstream what the client cancels', async () => {
      await using client = await connect(downstream, upstream);
      const { sessions } = hosts.get(upstream)!;
      const cancelled = (): number => Array.from(sessions).reduce((sum, session) => sum + session.cancelled, 0);
      const before = cancelled();
      const stop = new AbortController();
      const waiting = client.sdk.callTool({ name: 'wait' }, undefined, { signal: stop.signal });
      await client.call('echo', { text: 'between' });
      expect(await pending(client)).toBe(1);

      stop.abort('enough');
      await expect(waiting).rejects.toThrow();
      await until(async () => (await pending(client)) === 0, 'the gateway to hear of it');
      // Over stdio every session is a process of its own.
      if (upstream !== 'stdio') await until(() => cancelled() === before + 1, 'the server to stop');
    });

    it.runIf(keepsSessions)('brings updates of resources to subscribers only', async () => {
      await using ada = await connect(downstream, upstream);
      await using bob = await connect(downstream, upstream);
      await ada.sdk.subscribeResource({ uri: 'note://first' });
      await bob.call('touch', { uri: 'note://first' });
      await ada.call('touch', { uri: 'note://first' });
      expect((await ada.told('notifications/resources/updated')).params).toEqual({ uri: 'note://first' });
      expect(bob.notifications).toEqual([]);
      await ada.sdk.unsubscribeResource({ uri: 'note://first' });
      await ada.call('touch', { uri: 'note://first' });
      await ada.call('echo', { text: 'after' });
      expect(ada.notifications).toHaveLength(1);
    });

    it.runIf(keepsSessions)('keeps what a session changed for that session', async () => {
      await using ada = await connect(downstream, upstream);
      await using bob = await connect(downstream, upstream);
      await Promise.all([ada.sdk.listTools(), bob.sdk.listTools()]);
      await ada.call('remember', { value: 'mine' });
      await ada.call('grow', { name: 'bonus' });
      await ada.told('notifications/tools/list_changed');

      expect(await ada.call('recall')).toBe('mine');
      expect(await bob.call('recall')).toBe('');
      expect(await ada.call('bonus')).toBe('I am bonus');
      const names = async ({ sdk }: FullClient) => (await sdk.listTools()).tools.map(({ name }) => name);
      expect(await names(ada)).toContain('bonus');
      expect(await names(bob)).not.toContain('bonus');
      expect(bob.notifications).toEqual([]);
    });
  });
});

function groupOf(kind: HostKind): string {
  return kind.replace('_', '-');
}
