import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';

import type { RunningGateway } from './gateway.ts';

export const CLIENT_TRANSPORTS = ['websocket', 'streamable_http'] as const;
export type ClientTransport = (typeof CLIENT_TRANSPORTS)[number];

/** The official SDK client, connected through the gateway. */
export async function connect(gateway: RunningGateway, transport: ClientTransport, path = '/mcp'): Promise<Client> {
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(openTransport(gateway, transport, path));
  return client;
}

function openTransport(gateway: RunningGateway, kind: ClientTransport, path: string): Transport {
  if (kind === 'websocket') return new WebSocketClientTransport(new URL(path, gateway.wsUrl));
  return new StreamableHTTPClientTransport(new URL(path, gateway.url));
}

/** The text of the first content block of a tool result. */
export function textOf(result: unknown): string {
  const { content } = result as { content: { type: string; text?: string }[] };
  return content[0]?.text ?? '';
}
