import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import { textOf } from './clients.ts';
import type { TokenServer } from './token-server.ts';

/** What the gateway shows token endpoints, as `${CLIENT_SECRET}`. */
export const CLIENT_SECRET = 's3cret/of the gateway';

export function group(name: string, server: string, more = ''): string {
  return `[upstream.groups.${name}]\n${more}\n[[upstream.groups.${name}.servers]]\n${server}\n`;
}

export function oauth(name: string, tokens: TokenServer, grant = 'client_credentials', more = ''): string {
  const audience = grant === 'client_credentials' ? `audience = "aud-${name}"\n` : '';
  return `[upstream.groups.${name}.servers.auth.oauth]\ntoken_url = "${tokens.url}"\nclient_id = "gateway"\nclient_secret = "\${CLIENT_SECRET}"\ngrant = "${grant}"\n${audience}${more}`;
}

export async function client(url: string | URL, headers: Record<string, string> = {}): Promise<Client> {
  const made = new Client({ name: 'test', version: '1' });
  await made.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return made;
}

export async function shownTo(asking: Client): Promise<Record<string, string>> {
  return JSON.parse(textOf(await asking.callTool({ name: 'whoami', arguments: {} }))) as Record<string, string>;
}
