import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { textOfBody } from './scripted-http.ts';

interface Message {
  readonly id?: number | string;
  readonly method?: string;
}

const RESULTS: Record<string, object> = {
  initialize: {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'keeper', version: '1' },
  },
  'tools/list': { tools: [{ name: 'break', inputSchema: { type: 'object' } }] },
  ping: {},
};

/** An MCP server over HTTP that keeps what it is asked with, and breaks the connection of every call. */
export class KeepingServer implements AsyncDisposable {
  readonly requests: { readonly method: string; readonly headers: IncomingHttpHeaders }[] = [];
  private readonly server = createServer((request, response) => void this.answer(request, response));

  async listen(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/mcp`;
  }

  /** What it was asked with, by one method. */
  askedFor(method: string): readonly IncomingHttpHeaders[] {
    return this.requests.filter((request) => request.method === method).map(({ headers }) => headers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.close().closeAllConnections();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const { id, method = '' } = JSON.parse(await textOfBody(request)) as Message;
    this.requests.push({ method, headers: request.headers });
    if (method === 'tools/call') return void request.socket.destroy();
    if (id === undefined) return void response.writeHead(202).end();
    const result = RESULTS[method];
    const said = result ? { result } : { error: { code: -32_601, message: 'no such method' } };
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ jsonrpc: '2.0', id, ...said }));
  }
}
