import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';

import { createServer } from './create-server.ts';

const MAX_SESSIONS = 1_000;

/** The sessions of all HTTP clients: each has a transport and a server of its own. */
export class Sessions {
  // In the order of last use, because whoever uses a session moves it to the end.
  private readonly transports = new Map<string, StreamableHTTPServerTransport>();

  /** Answers one HTTP request, in the session it names or in a new one. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = request.headers['mcp-session-id'];
    if (typeof id !== 'string') return this.open(request, response);

    const transport = this.transports.get(id);
    if (!transport) {
      response.writeHead(404).end();
      return;
    }
    this.transports.delete(id);
    this.transports.set(id, transport);
    await transport.handleRequest(request, response);
  }

  /** Ends every session, and with them every open stream and running call. */
  async close(): Promise<void> {
    await Promise.all([...this.transports.values()].map((transport) => transport.close()));
  }

  private async open(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => this.add(id, transport),
      onsessionclosed: (id) => void this.transports.delete(id),
    });

    await createServer().connect(transport);
    await transport.handleRequest(request, response);
    // Anything but `initialize` was refused by the transport and opened nothing.
    if (transport.sessionId === undefined) await transport.close();
  }

  private async add(id: string, transport: StreamableHTTPServerTransport): Promise<void> {
    this.transports.set(id, transport);
    if (this.transports.size <= MAX_SESSIONS) return;

    const [longestUnused] = this.transports;
    if (!longestUnused) return;
    this.transports.delete(longestUnused[0]);
    await longestUnused[1].close();
  }
}
