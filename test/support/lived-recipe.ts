import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request as requestPlain } from 'node:http';
import { request } from 'node:https';

import type { DocPlace } from './doc-place.ts';
import { type RunningGateway, startGateway } from './gateway.ts';

export interface Asked {
  readonly headers?: Record<string, string>;
  /** A client certificate. */
  readonly identity?: { readonly cert: string; readonly key: string };
}

export interface Told {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Names of the tools that are shown. */
  readonly tools: readonly string[];
}

/** What stands for the server of every recipe: tools `echo`, `add`, `get_time`, `count_down`, `server_info`. */
const EXAMPLE = 'command = "node"\nargs = ["examples/basic/src/server.ts"]';

/** Starts the gateway with a recipe of docs/security.md as it is, but for hosts, ports, files and the server. */
export async function startRecipe(
  recipe: string,
  place: DocPlace,
  replaced: (text: string) => string = (text) => text,
): Promise<RunningGateway> {
  const text = replaced(place.moved(recipe))
    .replace(/^url = "http:\/\/127\.0\.0\.1:3000\/mcp"$/m, EXAMPLE)
    .replace(/^host = .*$/m, 'host = "127.0.0.1"\nport = 0');
  return startGateway(`${text}\n[metrics]\nport = 0\n`, {
    args: ['--log-level', 'debug'],
    env: place.variables(recipe),
  });
}

/** Asks for the tools of /mcp by the name that the recipes give the gateway, over TLS where it speaks that. */
export async function toolsOf(gateway: RunningGateway, place: DocPlace, asked: Asked = {}): Promise<Told> {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const { protocol, port, host } = new URL(gateway.url);
  const sent = (protocol === 'https:' ? request : requestPlain)({
    host: '127.0.0.1',
    port,
    path: '/mcp',
    method: 'POST',
    agent: false,
    ca: place.authority.cert,
    servername: 'localhost',
    ...asked.identity,
    headers: {
      host: protocol === 'https:' ? 'gateway.example.com:8080' : host,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/list',
      ...asked.headers,
    },
  });
  sent.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: meta } }));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
  const { result } = JSON.parse(text) as { result?: { tools: { name: string }[] } };
  const tools = result?.tools.map(({ name }) => name.replace(/^crm__/, '')).sort() ?? [];
  return { status: response.statusCode ?? 0, headers: response.headers, tools };
}
