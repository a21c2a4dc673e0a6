import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

import { toNodeHandler } from '@modelcontextprotocol/node';
import { McpServer as LegacyMcpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { WebSocketServer } from 'ws';

import { SocketTransport } from './socket-transport.ts';

export type GuardedKind = 'legacy' | 'modern' | 'sse' | 'websocket';

export interface GuardedOptions {
  /** Whether whoever shows this may come in. */
  readonly lets: (authorization: string | undefined) => boolean;
  readonly tls?: ServerOptions;
}

/**
 * An MCP server of the official SDKs that lets in only who shows something good, with every request. Its tool `whoami`
 * says what it was shown, and whoever lists its tools finds one with the own name: `of-SUBJECT` for the token
 * `SUBJECT-1`.
 */
export class GuardedServer {
  /** Headers of all requests, those that were refused among them. */
  readonly requests: IncomingHttpHeaders[] = [];
  refusals = 0;
  /** How many calls of a tool were carried out. */
  calls = 0;
  private readonly http: Server;
  private readonly sessions = new Map<string, { transport: StreamableHTTPServerTransport; subject: string }>();
  private readonly streams = new Map<string, SSEServerTransport>();
  private readonly modern = toNodeHandler(
    createMcpHandler(({ requestInfo }) => this.build(Object.fromEntries(requestInfo?.headers ?? [])), {
      legacy: 'reject',
    }),
  );
  private readonly sockets: WebSocketServer | undefined;

  private constructor(
    private readonly kind: GuardedKind,
    private readonly options: GuardedOptions,
  ) {
    const handle = (request: IncomingMessage, response: ServerResponse): void => void this.handle(request, response);
    this.http = options.tls ? createTlsServer(options.tls, handle) : createServer(handle);
    if (kind !== 'websocket') return;
    this.sockets = new WebSocketServer({
      server: this.http,
      handleProtocols: () => 'mcp',
      verifyClient: ({ req }, done) => {
        const isGood = this.letsIn(req.headers);
        done(isGood, 401);
      },
    });
    this.sockets.on('connection', (socket, { headers }) => {
      void this.build(headers, LegacyMcpServer).connect(new SocketTransport(socket));
    });
  }

  static async start(kind: GuardedKind, options: GuardedOptions): Promise<GuardedServer> {
    const server = new GuardedServer(kind, options);
    server.http.listen(0, '127.0.0.1');
    await once(server.http, 'listening');
    return server;
  }

  get url(): string {
    const scheme = `${this.kind === 'websocket' ? 'ws' : 'http'}${this.options.tls ? 's' : ''}`;
    return `${scheme}://127.0.0.1:${(this.http.address() as AddressInfo).port}/mcp`;
  }

  /** Whom the sessions are of, by what opened them. */
  get subjects(): string[] {
    return Array.from(this.sessions.values(), ({ subject }) => subject);
  }

  shown(name: string): string[] {
    return this.requests.flatMap((headers) => (headers[name] === undefined ? [] : [String(headers[name])]));
  }

  async stop(): Promise<void> {
    for (const client of this.sockets?.clients ?? []) client.terminate();
    this.sockets?.close();
    this.http.closeAllConnections();
    await new Promise((done) => this.http.close(done));
  }

  private letsIn(headers: IncomingHttpHeaders): boolean {
    this.requests.push(headers);
    const isGood = this.options.lets(headers.authorization);
    if (!isGood) this.refusals++;
    return isGood;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.letsIn(request.headers)) {
      response.writeHead(401, { 'www-authenticate': 'Bearer realm="inner", resource_metadata="http://inner.example"' });
      response.end('inner words');
      return;
    }
    if (this.kind === 'modern') return void this.modern(request as never, response);
    if (this.kind === 'sse') return this.stream(request, response);
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? this.sessions.get(id)?.transport : undefined;
    if (id !== undefined && !known) return void response.writeHead(404).end();
    await (known ?? (await this.session(request.headers))).handleRequest(request, response);
  }

  private async stream(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET') {
      const transport = new SSEServerTransport('/message', response);
      this.streams.set(transport.sessionId, transport);
      await this.build(request.headers, LegacyMcpServer).connect(transport);
      return;
    }
    const id = new URL(request.url ?? '', this.url).searchParams.get('sessionId') ?? '';
    const transport = this.streams.get(id);
    if (transport) await transport.handlePostMessage(request, response);
    else response.writeHead(405).end();
  }

  private async session(headers: IncomingHttpHeaders): Promise<StreamableHTTPServerTransport> {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void this.sessions.set(id, { transport, subject: subjectOf(headers) }),
      onsessionclosed: (id) => void this.sessions.delete(id),
    });
    await this.build(headers, LegacyMcpServer).connect(transport);
    return transport;
  }

  private build<T extends typeof McpServer | typeof LegacyMcpServer = typeof McpServer>(
    headers: IncomingHttpHeaders,
    Kind: T = McpServer as T,
  ): InstanceType<T> {
    const capabilities = this.kind === 'modern' ? { resources: { subscribe: true } } : {};
    const mcp = new Kind({ name: 'guarded', version: '1.0.0' }, { capabilities }) as McpServer;
    const said = (given: IncomingHttpHeaders) => {
      this.calls++;
      return { content: [{ type: 'text' as const, text: JSON.stringify(given) }] };
    };
    mcp.registerTool('whoami', { description: 'Says what it was shown.' }, (extra: unknown) => {
      const info = (extra as { requestInfo?: { headers: IncomingHttpHeaders } }).requestInfo;
      return said(this.kind === 'legacy' || this.kind === 'sse' ? (info?.headers ?? headers) : headers);
    });
    mcp.registerTool(`of-${subjectOf(headers)}`, { description: 'Of one.' }, () => said(headers));
    mcp.registerResource('note', 'note://one', {}, () => ({ contents: [{ uri: 'note://one', text: 'one' }] }));
    return mcp as InstanceType<T>;
  }
}

function subjectOf({ authorization = '' }: IncomingHttpHeaders): string {
  return /^Bearer (\w+)-\d+$/.exec(authorization)?.[1] ?? 'nobody';
}
