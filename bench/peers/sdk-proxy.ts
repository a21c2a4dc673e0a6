import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

// Client and Server of the official SDK (v1), wired as a proxy: a pair of them for each session, JSON answers.

const [port = '0', upstreamUrl = ''] = process.argv.slice(2);
const sessions = new Map<string, StreamableHTTPServerTransport>();
const INFO = { name: 'sdk-proxy', version: '1.0.0' };

async function openSession(): Promise<StreamableHTTPServerTransport> {
  const client = new Client(INFO);
  await client.connect(new StreamableHTTPClientTransport(new URL(upstreamUrl)));
  const server = new Server(INFO, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, ({ params }) => client.listTools(params));
  server.setRequestHandler(CallToolRequestSchema, ({ params }) => client.callTool(params));

  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    enableJsonResponse: true,
    onsessioninitialized: (id) => void sessions.set(id, transport),
    onsessionclosed: (id) => void sessions.delete(id),
  });
  await server.connect(transport);
  return transport;
}

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const transport = sessions.get(String(request.headers['mcp-session-id'])) ?? (await openSession());
  await transport.handleRequest(request, response);
}

createServer({ keepAliveTimeout: 300_000 }, (request, response) => void handle(request, response)).listen(
  Number(port),
  '127.0.0.1',
);
