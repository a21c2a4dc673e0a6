// The client whose turn it is in the client scenarios of the official suite: the suite plays the server and appends
// its address. With the gateway between them, the gateway is the client that the suite judges.
import { parseArgs } from 'node:util';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';

import { startGateway } from '../support/quiet-gateway.ts';

type Tools = Awaited<ReturnType<Client['listTools']>>['tools'];

const call =
  (name: string, args: Record<string, unknown> = {}) =>
  (client: Client) =>
    client.callTool({ name, arguments: args });

const actions: Record<string, (client: Client, tools: Tools) => Promise<unknown>> = {
  tools_call: call('add_numbers', { a: 5, b: 3 }),
  'elicitation-sep1034-client-defaults': call('test_client_elicitation_defaults'),
  'sse-retry': call('test_reconnection'),
  'json-schema-2020-12-preservation': (client, tools) =>
    client.callTool({
      name: tools.find(({ name }) => name !== 'json_schema_2020_12_tool')?.name ?? '',
      arguments: { schema: tools.find(({ name }) => name === 'json_schema_2020_12_tool')?.inputSchema },
    }),
};

const { values, positionals } = parseArgs({
  options: { direct: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [server = ''] = positionals;

if (values.direct) {
  await play(server);
} else {
  await using gateway = await startGateway(server);
  await play(`http://localhost:${gateway.port}/mcp`);
}

async function play(url: string): Promise<void> {
  const client = new Client(
    { name: 'conformance-client', version: '1' },
    { capabilities: { elicitation: { form: { applyDefaults: true } } } },
  );
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: {} }));
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  try {
    const { tools } = await client.listTools();
    await actions[process.env['MCP_CONFORMANCE_SCENARIO'] ?? '']?.(client, tools);
  } finally {
    await client.close();
  }
}
