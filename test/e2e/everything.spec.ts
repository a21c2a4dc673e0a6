import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { ChildProcess } from 'node:child_process';

import { CLIENT_TRANSPORTS, connect, textOf } from '../support/clients.ts';
import { EVERYTHING, startEverythingHttp } from '../support/everything.ts';
import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';

/** The reference server behind the gateway: over stdio and over HTTP, prefixed on `/mcp` and alone on `/mcp/GROUP`. */
describe('server-everything behind the gateway', () => {
  let gateway: RunningGateway;
  let http: { url: string; process: ChildProcess };

  beforeAll(async () => {
    http = await startEverythingHttp();
    gateway = await startGateway(`${EPHEMERAL}
[[upstream.groups.pipe.servers]]
command = "node"
args = ["${EVERYTHING}"]
[[upstream.groups.web.servers]]
url = "${http.url}"
`);
    await gateway.ready();
  });

  afterAll(async () => {
    await gateway?.stop();
    http?.process.kill();
  });

  describe.each(CLIENT_TRANSPORTS)('for a %s client', (transport) => {
    describe.each(['pipe', 'web'])('group %s', (group) => {
      let aggregated: Client;
      let alone: Client;

      beforeAll(async () => {
        aggregated = await connect(gateway, transport);
        alone = await connect(gateway, transport, `/mcp/${group}`);
      });

      afterAll(async () => {
        await aggregated?.close();
        await alone?.close();
      });

      it('shows its tools prefixed on the aggregated route and under their own names alone', async () => {
        const own = (await alone.listTools()).tools.map((tool) => tool.name);
        const merged = (await aggregated.listTools()).tools.map((tool) => tool.name);

        expect(own).toContain('get-sum');
        expect(merged.filter((name) => name.startsWith(`${group}__`))).toEqual(own.map((name) => `${group}__${name}`));
      });

      it('calls a tool by either name', async () => {
        const call = { arguments: { a: 20, b: 22 } };
        expect(textOf(await aggregated.callTool({ name: `${group}__get-sum`, ...call }))).toContain('42');
        expect(textOf(await alone.callTool({ name: 'get-sum', ...call }))).toContain('42');
      });

      it('reads what a tool links to, by the address the tool gave', async () => {
        const { content } = (await aggregated.callTool({
          name: `${group}__get-resource-links`,
          arguments: { count: 2 },
        })) as { content: { type: string; uri?: string }[] };
        const link = content.find((block) => block.type === 'resource_link');
        expect(link?.uri).toMatch(new RegExp(`^${group}\\+demo://`));

        const { contents } = await aggregated.readResource({ uri: link!.uri! });
        expect(contents[0]?.uri).toBe(link!.uri);
      });

      it('completes prompt arguments with their context', async () => {
        const { completion } = await aggregated.complete({
          ref: { type: 'ref/prompt', name: `${group}__completable-prompt` },
          argument: { name: 'name', value: 'A' },
          context: { arguments: { department: 'Engineering' } },
        });
        expect(completion.values).toEqual(['Alice']);
      });

      it('reports progress of a long call', async () => {
        const seen: number[] = [];
        await aggregated.callTool(
          { name: `${group}__trigger-long-running-operation`, arguments: { duration: 0.3, steps: 3 } },
          undefined,
          { onprogress: ({ progress }) => seen.push(progress) },
        );
        // The SDK client may lose the one that shares a read with the result.
        expect(seen.slice(0, 2)).toEqual([1, 2]);
      });
    });
  });

  it('keeps two clients apart that use the same ids and the same progress tokens at once', async () => {
    const clients = await Promise.all(
      [...CLIENT_TRANSPORTS, ...CLIENT_TRANSPORTS].map((transport) => connect(gateway, transport, '/mcp/pipe')),
    );
    const rounds = Array.from({ length: 40 }, (_, round) => round);

    await Promise.all(
      clients.map(async (client, who) => {
        for (const round of rounds) {
          const message = `client ${who} round ${round}`;
          expect(textOf(await client.callTool({ name: 'echo', arguments: { message } }))).toBe(`Echo: ${message}`);
        }
      }),
    );
    await Promise.all(clients.map((client) => client.close()));
  });
});
