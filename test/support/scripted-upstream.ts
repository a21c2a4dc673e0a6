import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { WebSocketServer } from 'ws';

import type { Json } from './raw-clients.js';
import { until } from './until.ts';

export const UPSTREAM_KINDS = ['stdio', 'ws', 'http', 'sse', 'unix'] as const;
export type UpstreamKind = (typeof UPSTREAM_KINDS)[number];

/** One message that the gateway sent, and ways to speak in return. */
export interface Heard {
  /** As it was written. */
  readonly text: string;
  readonly message: Json;
  readonly method: string | undefined;
  readonly params: Json;
  /** The headers it came with, over HTTP. */
  readonly headers: IncomingMessage['headers'];
  /** Says something on the way to the reply: on the stream of this very request, over HTTP. */
  say(message: Json | string): void;
  /** Answers with this result; text is taken as it is. */
  reply(result: Json | string): void;
  fail(error: Json | string): void;
}

type Act = (heard: Heard) => void;

/** What a scripted server does about the methods it knows; what it does not know stays in `inbox`. */
export type Script = Readonly<Record<string, Act>>;

export interface ScriptedOptions {
  readonly revision?: string;
  readonly capabilities?: Json;
  readonly script?: Script;
}

type Speak = (text: string, last: boolean) => void;

/** Passes its own standard streams on to whoever listens at the port it is given. */
export const RELAY =
  'const s=require("node:net").connect(+process.argv[1],"127.0.0.1");process.stdin.pipe(s);s.pipe(process.stdout);s.on("close",()=>process.exit())';

/**
 * An MCP server whose every word is the test's. It runs in the process of the test, whatever the transport:
 * behind stdio stands a child that only passes bytes on.
 */
export class ScriptedUpstream {
  /** Every message of the gateway, in order. */
  readonly heard: Heard[] = [];
  /** Messages that no script took, oldest first. */
  readonly inbox: Heard[] = [];
  /** Replaces or adds to what is done about a method. */
  readonly script: Record<string, Act>;
  private readonly closers: (() => void)[] = [];
  private port = 0;
  /** Of the socket, over unix. */
  private path = '';
  private voice: ((text: string) => void) | undefined;

  private constructor(
    readonly kind: UpstreamKind,
    { revision = '2025-11-25', capabilities = { tools: {} }, script = {} }: ScriptedOptions,
  ) {
    const introduction = { protocolVersion: revision, capabilities, serverInfo: { name: 'scripted', version: '1' } };
    this.script = {
      initialize: ({ reply }) => reply(introduction),
      ping: ({ reply }) => reply({}),
      'server/discover': ({ fail }) => fail({ code: -32601, message: 'Method not found' }),
      'notifications/initialized': () => undefined,
      'tools/list': ({ reply }) => reply({ tools: [] }),
      'prompts/list': ({ reply }) => reply({ prompts: [] }),
      'resources/list': ({ reply }) => reply({ resources: [] }),
      'resources/templates/list': ({ reply }) => reply({ resourceTemplates: [] }),
      ...script,
    };
  }

  static async start(kind: UpstreamKind, options: ScriptedOptions = {}): Promise<ScriptedUpstream> {
    const upstream = new ScriptedUpstream(kind, options);
    await upstream.listen();
    return upstream;
  }

  /** The keys of a server of a group, as TOML. */
  get toml(): string {
    if (this.kind === 'unix') return `url = "unix://${this.path}"`;
    if (this.kind === 'sse') return `url = "http://127.0.0.1:${this.port}/mcp"\ntransport = "sse"`;
    if (this.kind !== 'stdio') return `url = "${this.kind}://127.0.0.1:${this.port}/mcp"`;
    return `command = ${JSON.stringify(process.execPath)}\nargs = ["-e", ${JSON.stringify(RELAY)}, "${this.port}"]`;
  }

  /** Says something on its own. Not over HTTP, where the test would have to wait for the stream. */
  say(message: Json | string): void {
    this.voice?.(textOf(message));
  }

  /** The next message that no script took. */
  async next(): Promise<Heard> {
    await until(() => this.inbox.length > 0, 'the gateway to say something');
    return this.inbox.shift()!;
  }

  /** Breaks every connection and listens no more. */
  stop(): void {
    for (const close of this.closers.splice(0)) close();
  }

  private async listen(): Promise<void> {
    const server = this.server();
    this.closers.push(() => server.close());
    if (this.kind === 'unix') {
      const folder = mkdtempSync(join(tmpdir(), 'scripted-'));
      this.closers.push(() => rmSync(folder, { recursive: true, force: true }));
      this.path = join(folder, 'server.sock');
      await once(server.listen(this.path), 'listening');
      return;
    }
    await once(server.listen(0, '127.0.0.1'), 'listening');
    this.port = (server.address() as AddressInfo).port;
  }

  private server(): Server {
    if (this.kind === 'http' || this.kind === 'sse') {
      const server = createHttpServer((request, response) => void this.serve(request, response));
      this.closers.push(() => server.closeAllConnections());
      return server;
    }
    return this.kind === 'ws' ? this.webSocketServer() : this.lineServer();
  }

  private webSocketServer(): Server {
    const http = createHttpServer();
    const server = new WebSocketServer({ server: http, path: '/mcp' });
    server.on('connection', (socket) => {
      this.voice = (text) => socket.send(text);
      socket.on('message', (data: Buffer) => this.take(data.toString(), {}, (text) => socket.send(text)));
      this.closers.push(() => socket.terminate());
    });
    return http;
  }

  private lineServer(): Server {
    return createServer((socket) => {
      this.voice = (text) => void socket.write(`${text}\n`);
      socket.on('error', () => undefined);
      createInterface({ input: socket }).on('line', (line) =>
        this.take(line, {}, (text) => void socket.write(`${text}\n`)),
      );
      this.closers.push(() => socket.destroy());
    });
  }

  private serve(request: IncomingMessage, response: ServerResponse): Promise<void> | void {
    if (this.kind === 'http') return this.post(request, response);
    return request.method === 'GET' ? this.openStream(response) : this.postBeside(request, response);
  }

  /** Over HTTP+SSE everything comes on the stream that was opened last. */
  private openStream(response: ServerResponse): void {
    this.voice = (text) => void response.write(`event: message\ndata: ${text}\n\n`);
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('event: endpoint\ndata: /post\n\n');
  }

  private async postBeside(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { voice } = this;
    const text = await textOfBody(request);
    response.writeHead(202).end();
    this.take(text, request.headers, (said) => voice?.(said));
  }

  /** Plain JSON when the reply is all there is to say, an event stream when something comes before it. */
  private async post(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const text = await textOfBody(request);
    if (!('id' in (JSON.parse(text) as Json)) || !text.includes('"method"')) response.writeHead(202).end();
    this.take(text, request.headers, (said, last) => {
      if (last && !response.headersSent) {
        response.writeHead(200, { 'content-type': 'application/json' }).end(said);
        return;
      }
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${said}\n\n`);
      if (last) response.end();
    });
  }

  private take(text: string, headers: IncomingMessage['headers'], speak: Speak): void {
    const message = JSON.parse(text) as Json;
    const method = message['method'] as string | undefined;
    const id = JSON.stringify(message['id']);
    const answer = (member: string) => (value: Json | string) =>
      speak(`{"jsonrpc":"2.0","id":${id},"${member}":${textOf(value)}}`, true);
    const heard: Heard = {
      text,
      message,
      method,
      params: (message['params'] ?? {}) as Json,
      headers,
      say: (said) => speak(textOf(said), false),
      reply: answer('result'),
      fail: answer('error'),
    };
    this.heard.push(heard);
    const act = method === undefined ? undefined : this.script[method];
    if (act) act(heard);
    else this.inbox.push(heard);
  }
}

async function textOfBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function textOf(message: Json | string): string {
  return typeof message === 'string' ? message : JSON.stringify(message);
}
