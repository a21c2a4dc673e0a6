import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type Server as HttpServer, type ServerResponse } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { WebSocketServer } from 'ws';

import type { Json } from './raw-clients.ts';
import { PostedSession, streamedSession, textOfBody } from './scripted-http.ts';
import { ScriptedSession, singleVoice, type Spoken } from './scripted-session.ts';
import { RELAY, type UpstreamKind } from './scripted-upstream.ts';

type Answer = string | ((params: Json) => string);

export interface SessionsOptions {
  readonly revision?: string;
  readonly capabilities?: Json;
  /** Results of methods that are answered at once, in every session. */
  readonly answers?: Readonly<Record<string, Answer>>;
}

/**
 * An MCP server whose every word is the test's, and that tells its sessions apart: over Streamable HTTP it hands out
 * session ids, elsewhere a connection is a session. Only introductions, pings and what `answers` says are answered for
 * the test.
 */
export class ScriptedSessions {
  /** All there ever were, in order. */
  readonly sessions: ScriptedSession[] = [];
  readonly answers: Record<string, Answer>;
  private readonly closers: (() => void)[] = [];
  private port = 0;
  private path = '';

  private constructor(
    readonly kind: UpstreamKind,
    { revision = '2025-11-25', capabilities = { tools: {} }, answers = {} }: SessionsOptions,
  ) {
    const introduction = { protocolVersion: revision, capabilities, serverInfo: { name: 'scripted', version: '1' } };
    this.answers = { initialize: JSON.stringify(introduction), ping: '{}', ...answers };
  }

  static async start(kind: UpstreamKind, options: SessionsOptions = {}): Promise<ScriptedSessions> {
    const upstream = new ScriptedSessions(kind, options);
    const server = upstream.server();
    upstream.closers.push(() => server.close());
    if (kind === 'unix') {
      const folder = mkdtempSync(join(tmpdir(), 'scripted-'));
      upstream.closers.push(() => rmSync(folder, { recursive: true, force: true }));
      upstream.path = join(folder, 'server.sock');
      await once(server.listen(upstream.path), 'listening');
    } else {
      await once(server.listen(0, '127.0.0.1'), 'listening');
      upstream.port = (server.address() as AddressInfo).port;
    }
    return upstream;
  }

  /** The keys of a server of a group, as TOML. */
  get toml(): string {
    const { port } = this;
    const url = `url = "http://127.0.0.1:${port}/mcp"\ntransport = `;
    const ways: Readonly<Record<UpstreamKind, string>> = {
      unix: `url = "unix://${this.path}"`,
      sse: `${url}"sse"`,
      http: `${url}"streamable_http"`,
      ws: `url = "ws://127.0.0.1:${port}/mcp"`,
      stdio: `command = ${JSON.stringify(process.execPath)}\nargs = ["-e", ${JSON.stringify(RELAY)}, "${port}"]`,
    };
    return ways[this.kind];
  }

  /** Breaks every connection and listens no more. */
  stop(): void {
    for (const close of this.closers.splice(0)) close();
  }

  private server(): Server {
    if (this.kind === 'ws') return this.webSocketServer();
    if (this.kind === 'stdio' || this.kind === 'unix') return this.lineServer();
    const server = this.kind === 'http' ? this.postedServer() : this.streamedServer();
    this.closers.push(() => server.closeAllConnections());
    return server;
  }

  private webSocketServer(): Server {
    const http = createHttpServer();
    new WebSocketServer({ server: http, path: '/mcp' }).on('connection', (socket) => {
      const session = this.connected(
        (text) => socket.send(text),
        () => socket.terminate(),
      );
      socket.on('message', (data: Buffer) => this.take(session, { text: data.toString(), headers: {} }));
      socket.on('close', () => void (session.ended = true));
    });
    return http;
  }

  private lineServer(): Server {
    return createServer((socket) => {
      const session = this.connected(
        (text) => void socket.write(`${text}\n`),
        () => socket.destroy(),
      );
      socket.on('error', () => undefined);
      socket.on('close', () => void (session.ended = true));
      createInterface({ input: socket }).on('line', (text) => this.take(session, { text, headers: {} }));
    });
  }

  /** A connection that is a session. */
  private connected(write: (text: string) => void, drop: () => void): ScriptedSession {
    this.closers.push(drop);
    const session = new ScriptedSession(singleVoice(write, drop));
    this.sessions.push(session);
    return session;
  }

  /** Streamable HTTP: an id for each introduction. */
  private postedServer(): HttpServer {
    const all = new Map<string, PostedSession>();
    return createHttpServer(({ method, headers }, response) => {
      const known = all.get(String(headers['mcp-session-id']));
      if (method === 'DELETE' && known) known.session.ended = true;
      if (method === 'POST') void this.posted(all, known, response);
      else if (method === 'GET' && known) known.stream(response, headers);
      else response.writeHead(known ? 200 : 404).end();
    });
  }

  private async posted(
    all: Map<string, PostedSession>,
    known: PostedSession | undefined,
    response: ServerResponse,
  ): Promise<void> {
    const text = await textOfBody(response.req);
    if (!known && isProbe(text)) return void response.writeHead(404).end();
    const posted = known ?? new PostedSession(randomUUID());
    if (!known) {
      all.set(posted.id, posted);
      this.sessions.push(posted.session);
    }
    posted.heard(text, response);
    this.take(posted.session, { text, headers: response.req.headers });
  }

  /** HTTP+SSE: the stream is the session. */
  private streamedServer(): HttpServer {
    const all = new Map<string, ScriptedSession>();
    return createHttpServer(({ method, url }, response) => {
      if (method === 'POST') void this.postedBeside(all.get(url!.slice(url!.indexOf('=') + 1)), response);
      else all.set(this.streamed(response), this.sessions.at(-1)!);
    });
  }

  /** Returns the id of a new session. */
  private streamed(response: ServerResponse): string {
    const id = randomUUID();
    this.sessions.push(streamedSession(response));
    response.write(`event: endpoint\ndata: /messages?sessionId=${id}\n\n`);
    return id;
  }

  private async postedBeside(session: ScriptedSession | undefined, response: ServerResponse): Promise<void> {
    const text = await textOfBody(response.req);
    response.writeHead(session ? 202 : 404).end();
    if (session) this.take(session, { text, headers: response.req.headers });
  }

  private take(session: ScriptedSession, spoken: Spoken): void {
    const { id, method, params } = JSON.parse(spoken.text) as Json;
    if (isProbe(spoken.text)) return session.voice.say(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},${UNKNOWN}}`, id);
    if (method === 'initialize') session.introduction = params as Json;
    if (method === 'notifications/initialized') return;
    const answer = typeof method === 'string' ? this.answers[method] : undefined;
    if (answer === undefined) return session.inbox.push(spoken);
    const result = typeof answer === 'string' ? answer : answer((params ?? {}) as Json);
    session.voice.say(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`, id);
  }
}

const UNKNOWN = '"error":{"code":-32601,"message":"Method not found"}';

/** Whether somebody asks for the era of the server. */
function isProbe(text: string): boolean {
  return (JSON.parse(text) as Json)['method'] === 'server/discover';
}
