import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Json } from '../../support/raw-clients.ts';
import { carry } from './carriers.ts';

export const KINDS = ['stdio', 'unix', 'ws', 'http', 'sse'] as const;
export type Kind = (typeof KINDS)[number];

/** Where one message came from, and ways to answer on it. */
export interface Voice {
  readonly headers: IncomingMessage['headers'];
  /** One message, on behalf of what was asked. */
  say(text: string): void;
  /** One message that belongs to no request. Over HTTP: on the stream of the session, if it has one. */
  aside(text: string): void;
  /** Bytes on the connection itself: lines, frames, parts of a response. */
  bytes(bytes: string | Buffer): void;
  /** What the message came on, or what is said goes to. */
  readonly socket: Socket;
  /** Over HTTP: the response itself. */
  readonly response?: ServerResponse;
}

/** One request, and ways to do something about it that no decent server would do. */
export interface Hit extends Omit<Voice, 'say' | 'aside'> {
  readonly kind: Kind;
  readonly id: number;
  readonly method: string;
  readonly params: Json;
  /** What only the client that called knows. */
  readonly nonce: string;
  say(message: Json | string): void;
  aside(message: Json | string): void;
  /** Says the reply of a decent tool: the nonce. */
  fine(): void;
}

export type Deed = (hit: Hit) => void;

/** What goes wrong before any tool is called. */
export interface Fault {
  /** Whether a new connection is dropped at once, or never spoken to. */
  readonly connect?: 'drop' | 'hang';
  /** Deals with a request over HTTP before anybody reads it. True: it has been dealt with. */
  answers?(request: IncomingMessage, response: ServerResponse): boolean;
  /** Deals with a request. True: nobody else does. */
  takes?(hit: Hit): boolean;
}

/** Connects a child process to the port it is given: its standard streams, and its environment first. */
const RELAY =
  'const n=require("node:net"),to=(first)=>{const s=n.connect({port:+process.argv[1],host:"127.0.0.1",allowHalfOpen:true});' +
  's.write(JSON.stringify(first)+"\\n");s.on("close",()=>process.exit());s.on("error",()=>process.exit());return s};' +
  'const s=to({jsonrpc:"2.0",method:"env",params:process.env});process.stdin.pipe(s);s.pipe(process.stdout,{end:false});' +
  's.on("end",()=>require("node:fs").closeSync(1));to({jsonrpc:"2.0",method:"stderr"}).pipe(process.stderr,{end:false})';

/** An MCP server whose tools do harm, in the process of the test: the name of a tool is the name of its deed. */
export class HostileUpstream {
  /** Answers of the gateway to what it was asked. */
  readonly replies: Json[] = [];
  readonly notifications: Json[] = [];
  readonly requests: { message: Json; headers: IncomingMessage['headers'] }[] = [];
  /** The standard error streams of child processes. */
  readonly stderr = new Set<Socket>();
  environment: Record<string, string> = {};
  connections = 0;
  lastHit: Hit | undefined;
  fault: Fault = {};
  private awake = false;
  private address = '';
  private readonly sockets = new Set<Socket>();
  private readonly folder = mkdtempSync(join(tmpdir(), 'hostile-'));

  private constructor(
    readonly kind: Kind,
    readonly deeds: Readonly<Record<string, Deed>>,
    private readonly server: Server,
  ) {}

  static async start(kind: Kind, deeds: Readonly<Record<string, Deed>>): Promise<HostileUpstream> {
    const server = carry(kind, () => upstream);
    const upstream: HostileUpstream = new HostileUpstream(kind, deeds, server);
    const path = join(upstream.folder, 'server.sock');
    if (kind === 'unix') server.listen(path);
    else server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    upstream.address = kind === 'unix' ? path : String((server.address() as AddressInfo).port);
    return upstream;
  }

  /** @param query behind the path of the URL */
  toml(query = ''): string {
    const { kind, address } = this;
    if (kind === 'unix') return `url = "unix://${address}"\n`;
    if (kind === 'sse') return `url = "http://127.0.0.1:${address}/mcp${query}"\ntransport = "sse"\n`;
    if (kind !== 'stdio') return `url = "${kind}://127.0.0.1:${address}/mcp${query}"\n`;
    return `command = ${JSON.stringify(process.execPath)}\nargs = ["-e", ${JSON.stringify(RELAY)}, "${address}"]\n`;
  }

  /** Breaks every connection off, as a crash would. */
  crash(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Reads no more of this connection, until it is woken. */
  doze(socket: Socket): void {
    if (!this.awake) socket.pause();
  }

  /** Stops to read when it is told to. */
  sleepy(): void {
    this.awake = false;
  }

  /** Reads on wherever it had stopped to read, whatever it is told there. */
  wake(): void {
    this.awake = true;
    for (const socket of this.sockets) socket.resume();
  }

  stop(): void {
    this.server.close();
    this.crash();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A new connection. False where it is not to be spoken to. */
  opened(socket: Socket): boolean {
    this.connections++;
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.sockets.delete(socket));
    if (this.fault.connect === 'drop') socket.destroy();
    return !this.fault.connect;
  }

  take(text: string, voice: Voice): void {
    const message = JSON.parse(text) as Json & { id: number; method?: string; params?: Json };
    const { id, method, params = {} } = message;
    if (method === 'env') return void (this.environment = params as Record<string, string>);
    if (method === 'stderr')
      return void this.stderr.add(voice.socket.once('close', () => this.stderr.delete(voice.socket)));
    if (method === undefined) return void this.replies.push(message);
    if (id === undefined) return void this.notifications.push(message);
    this.requests.push({ message, headers: voice.headers });
    const hit = this.hit({ id, method, params }, voice);
    if (!this.fault.takes?.(hit)) this.serve(hit);
  }

  private hit(asked: Pick<Hit, 'id' | 'method' | 'params'>, voice: Voice): Hit {
    const say = (said: Json | string): void => voice.say(textOf(said));
    const { nonce = 'fine' } = (asked.params['arguments'] ?? {}) as { nonce?: string };
    return {
      ...voice,
      ...asked,
      kind: this.kind,
      nonce,
      say,
      aside: (said) => voice.aside(textOf(said)),
      fine: () => say(fine(asked.id, nonce)),
    };
  }

  private serve(hit: Hit): void {
    const { id, method, params, say } = hit;
    const result = (value: Json): void => say({ jsonrpc: '2.0', id, result: value });
    if (method === 'initialize') return result(INTRODUCTION);
    if (method === 'tools/list') return result(toolList(Object.keys(this.deeds)));
    if (method === 'resources/list') return result({ resources: [{ uri: 'test://a', name: 'a' }] });
    if (method === 'resources/templates/list')
      return result({ resourceTemplates: [{ uriTemplate: 'test://{x}', name: 'x' }] });
    if (method !== 'tools/call') return result({});
    this.lastHit = hit;
    this.deeds[String(params['name'])]?.(hit);
  }
}

const INTRODUCTION = {
  protocolVersion: '2025-11-25',
  capabilities: { tools: { listChanged: true }, resources: { subscribe: true, listChanged: true }, logging: {} },
  serverInfo: { name: 'hostile', version: '1' },
};

function textOf(said: Json | string): string {
  return typeof said === 'string' ? said : JSON.stringify(said);
}

/** The result of `tools/list`. */
export function toolList(names: readonly string[]): Json {
  return { tools: names.map((name) => ({ name, inputSchema: { type: 'object' } })) };
}

/** The reply of a decent tool. */
export function fine(id: unknown, text = 'fine'): Json {
  return { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } };
}
