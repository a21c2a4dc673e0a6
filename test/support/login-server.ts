import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';

/** The official server over HTTP, with sessions: it shows the tool `secret` in those that called `login`. */
export class LoginServer {
  private readonly sessions = new Map<string, StreamableHTTPServerTransport>();
  private readonly http: Server;

  private constructor() {
    this.http = createServer((request, response) => void this.handle(request, response));
  }

  static async start(): Promise<LoginServer> {
    const server = new LoginServer();
    server.http.listen(0, '127.0.0.1');
    await once(server.http, 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}/mcp`;
  }

  /** How many sessions are open. */
  get open(): number {
    return this.sessions.size;
  }

  async stop(): Promise<void> {
    this.http.closeAllConnections();
    this.http.close();
    await Promise.all(Array.from(this.sessions.values(), (transport) => transport.close()));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? this.sessions.get(id) : undefined;
    if (id !== undefined && !known) return void response.writeHead(404).end();
    await (known ?? (await this.session())).handleRequest(request, response);
  }

  private async session(): Promise<StreamableHTTPServerTransport> {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void this.sessions.set(id, transport),
      onsessionclosed: (id) => void this.sessions.delete(id),
    });
    const server = new McpServer({ name: 'login', version: '1.0.0' });
    const said = (text: string) => ({ content: [{ type: 'text' as const, text }] });
    server.registerTool('session', {}, () => said(transport.sessionId ?? ''));
    server.registerTool('login', {}, () => {
      server.registerTool('secret', {}, () => said('secret'));
      return said('welcome');
    });
    await server.connect(transport);
    return transport;
  }
}
