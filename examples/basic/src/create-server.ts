import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';

import { registerNotes } from './notes.ts';
import { registerPrompts } from './prompts.ts';
import { registerTools } from './tools.ts';

const INSTRUCTIONS = `A small server to try an MCP gateway with.
Call server_info several times to see which replica answers, count_down to see progress and cancellation,
and read note://welcome for everything else.`;

/** Builds the server for one client: over stdio there is one, over HTTP one for each session. */
export function createServer(): McpServer {
  const server = new McpServer(
    { name: 'basic', title: 'Basic example', version: '0.1.0' },
    { instructions: INSTRUCTIONS, capabilities: { logging: {} } },
  );

  registerTools(server);
  registerNotes(server);
  registerPrompts(server);
  return server;
}
