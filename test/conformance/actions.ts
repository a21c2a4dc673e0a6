import type { Client as ModernClient } from '@modelcontextprotocol/client';
import type { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';

/** A client of either official kit. */
export type AnyClient = LegacyClient | ModernClient;

type Action = (client: AnyClient) => Promise<unknown>;
type Arguments = Record<string, unknown>;

const FOCUS = 'json_schema_2020_12_tool';

/** What the client does in each client scenario of the official suite, once it is connected. */
export const ACTIONS: Readonly<Record<string, Action>> = {
  // To be introduced is all that it takes, and all that these two servers offer.
  initialize: async () => undefined,
  'request-metadata': async () => undefined,
  tools_call: calling('add_numbers', { a: 5, b: 3 }),
  'elicitation-sep1034-client-defaults': calling('test_client_elicitation_defaults'),
  'sse-retry': calling('test_reconnection'),
  'json-schema-ref-no-deref': (client) => client.listTools(),
  'json-schema-2020-12-preservation': async (client) => {
    const { tools } = await client.listTools();
    const schema = tools.find(({ name }) => name === FOCUS)?.inputSchema;
    await client.callTool({ name: tools.find(({ name }) => name !== FOCUS)?.name ?? '', arguments: { schema } });
  },
  'sep-2322-client-request-state': async (client) => {
    await client.listTools();
    const call = (name: string) => client.callTool({ name: `test_mrtr_${name}`, arguments: {} });
    // What belongs to one call must not get into the one beside it.
    await Promise.all([call('echo_state'), call('unrelated'), call('no_state')]);
    // The second kit takes this answer for an error.
    await call('no_result_type');
  },
  'http-standard-headers': async (client) => {
    const { tools } = await client.listTools();
    for (const { name } of tools) await client.callTool({ name, arguments: {} });
    const { resources } = await client.listResources();
    for (const { uri } of resources) await client.readResource({ uri });
    const { prompts } = await client.listPrompts();
    for (const { name } of prompts) await client.getPrompt({ name });
  },
  'http-custom-headers': async (client) => {
    await client.listTools();
    for (const call of toolCalls()) await client.callTool(call);
  },
  'http-invalid-tool-headers': async (client) => {
    const { tools } = await client.listTools();
    for (const { name } of tools) await client.callTool({ name, arguments: { region: 'eu' } });
  },
};

function calling(name: string, args: Arguments = {}): Action {
  return async (client) => {
    await client.listTools();
    await client.callTool({ name, arguments: args });
  };
}

/** The calls that the suite wants to see, where it says which. */
function toolCalls(): { name: string; arguments: Arguments }[] {
  const context = process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{"toolCalls":[]}';
  return (JSON.parse(context) as { toolCalls: { name: string; arguments: Arguments }[] }).toolCalls;
}
