// The client whose turn it is in the client scenarios of the official suite: the suite plays the server and appends
// its address. With the gateway between them, the gateway is the client that the suite judges.
import { parseArgs } from 'node:util';

import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';

import { startGateway } from '../support/quiet-gateway.ts';
import { ACTIONS, type AnyClient } from './actions.ts';

const INFO = { name: 'conformance-client', version: '1' };
const CAPABILITIES = { elicitation: { form: { applyDefaults: true } }, sampling: {}, roots: {} };

const { values, positionals } = parseArgs({
  options: { direct: { type: 'boolean', default: false }, modern: { type: 'boolean', default: false } },
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
  const client = await (values.modern ? modern(new URL(url)) : legacy(new URL(url)));
  try {
    await ACTIONS[process.env['MCP_CONFORMANCE_SCENARIO'] ?? '']?.(client);
  } finally {
    await client.close();
  }
}

async function legacy(url: URL): Promise<AnyClient> {
  const client = new LegacyClient(INFO, { capabilities: CAPABILITIES });
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: {} }));
  await client.connect(new LegacyTransport(url));
  return client;
}

async function modern(url: URL): Promise<AnyClient> {
  const client = new ModernClient(INFO, {
    versionNegotiation: { mode: { pin: '2026-07-28' } },
    capabilities: CAPABILITIES,
  });
  client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: {} }));
  await client.connect(new ModernTransport(url));
  return client;
}
