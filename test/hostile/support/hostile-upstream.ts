import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createInterface } from 'node:readline';

import { WebSocketServer } from 'ws';

import type { Json } from '../../support/raw-clients.ts';

export const KINDS = ['stdio', 'ws', 'http'] as const;
export type Kind = (typeof KINDS)[number];

/** One call of a tool, and ways to do something about it that no decent server would do. */
export interface Hit {
  readonly kind: Kind;
  readonly id: number;
  readonly params: Json;
  readonly headers: IncomingMessage['headers'];
  /** One message. */
  say(message: Json | string): void;
  /** Bytes on the connection itself: lines, frames, parts of a response. */
  bytes(bytes: string | Buffer): void;
  /** Over HTTP: the response itself. */
  readonly response: ServerResponse | undefined;
}

export type Deed = (hit: Hit) => void;

/** Passes its own standard streams on to whoever listens at the port it is given, and its environment first. */
const RELAY =
  'const s=require("node:net").connect(+process.argv[1],"127.0.0.1");s.write(JSON.stringify({jsonrpc:"2.0",method:"env",params:process.env})+"\\n");' +
  'process.stdin.pipe(s);s.pipe(process.stdout);s.on("close",()=>process.exit());s.on("error",()=>process.exit())';

/** An MCP server whose tools do harm, in the process of the test: the name of a tool is the name of its deed. */
export class HostileUpstream {
  /** Answers of the gateway to what it was asked. */
  readonly replies: Json[] = [];
  readonly notifications: Json[] = [];
  readonly requests: { message: Json; headers: IncomingMessage['headers'] }[] = [];
  environment: Record<string, string> = {};
  connections = 0;
  lastHit: Hit | undefined;
  private port = 0;
  private readonly closers: (() => void)[] = [];

  private constructor(
    readonly kind: Kind,
    readonly deeds: Readonly<Record<string, Deed>>,
  ) {}

  static async start(kind: Kind, deeds: Readonly<Record<string, Deed>>): Promise<HostileUpstream> {
    const upstream = new HostileUpstream(kind, deeds);
    const server = upstream.server().listen(0, '127.0.0.1');
    await once(server, 'listening');
    upstream.port = (server.address() as AddressInfo).port;
    upstream.closers.push(() => server.close());
    return upstream;
  }

  /** @param query behind the path of the URL */
  toml(query = ''): string {
    if (this.kind !== 'stdio') return `url = "${this.kind}://127.0.0.1:${this.port}/mcp${query}"\n`;
    return `command = ${JSON.stringify(process.execPath)}\nargs = ["-e", ${JSON.stringify(RELAY)}, "${this.port}"]\n`;
  }

  stop(): void {
    for (const close of this.closers.splice(0)) close();
  }

  private server(): Server {
    if (this.kind === 'http') {
      const server = createHttpServer((request, response) => void this.post(request, response));
      server.on('connection', () => this.connections++);
      this.closers.push(() => server.closeAllConnections());
      return server;
    }
    return this.kind === 'ws' ? this.webSockets() : this.lines();
  }

  private webSockets(): Server {
    const http = createHttpServer();
    new WebSocketServer({ server: http }).on('connection', (socket, { headers, socket: stream }) => {
      this.connections++;
      const say = (text: string): void => socket.send(text);
      socket.on('message', (data: Buffer) =>
        this.take(data.toString(), { headers, say, bytes: (raw) => stream.write(raw) }),
      );
      socket.on('error', () => undefined);
      stream.on('error', () => undefined);
      this.closers.push(() => socket.terminate());
    });
    return http;
  }

  private lines(): Server {
    return createServer((socket) => {
      this.connections++;
      const say = (text: string): void => void socket.write(`${text}\n`);
      socket.on('error', () => undefined);
      const input = createInterface({ input: socket });
      input.on('error', () => undefined);
      input.on('line', (line) => this.take(line, { headers: {}, say, bytes: (raw) => socket.write(raw) }));
      this.closers.push(() => socket.destroy());
    });
  }

  private async post(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const message = JSON.parse(text) as Json;
    if (message['id'] === undefined || !message['method']) response.writeHead(202).end();
    const stream = (): void => {
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
    };
    const say = (said: string): void => {
      stream();
      response.write(`data: ${said}\n\n`);
      if (isReply(said, message['id'])) response.end();
    };
    const bytes = (raw: string | Buffer): void => {
      stream();
      response.write(raw);
    };
    this.take(text, { headers: request.headers, say, bytes, response });
  }

  private take(
    text: string,
    voice: Pick<Hit, 'headers' | 'bytes'> & { say(text: string): void; response?: ServerResponse },
  ): void {
    const message = JSON.parse(text) as Json & { id: number; method?: string; params?: Json };
    const { id, method, params = {} } = message;
    const { headers, bytes, response } = voice;
    if (method === 'env') return void (this.environment = params as Record<string, string>);
    if (method === undefined) return void this.replies.push(message);
    if (id === undefined) return void this.notifications.push(message);
    this.requests.push({ message, headers });
    const say = (said: Json | string): void => voice.say(typeof said === 'string' ? said : JSON.stringify(said));
    const result = (value: Json): void => say({ jsonrpc: '2.0', id, result: value });
    if (method === 'initialize') return result(INTRODUCTION);
    if (method === 'tools/list')
      return result({ tools: Object.keys(this.deeds).map((name) => ({ name, inputSchema: { type: 'object' } })) });
    if (method !== 'tools/call') return result({});
    this.lastHit = { kind: this.kind, id, params, headers, say, bytes, response };
    this.deeds[String(params['name'])]?.(this.lastHit);
  }
}

const INTRODUCTION = {
  protocolVersion: '2025-11-25',
  capabilities: { tools: {} },
  serverInfo: { name: 'hostile', version: '1' },
};

function isReply(text: string, id: unknown): boolean {
  return text.startsWith(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result"`);
}

/** The reply of a decent tool. */
export function fine(id: unknown, text = 'fine'): Json {
  return { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } };
}
