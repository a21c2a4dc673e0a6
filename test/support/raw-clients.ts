import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

import { WebSocket, type ClientOptions } from 'ws';

export type Json = Record<string, unknown>;

/** Something that speaks MCP on a port of this machine, and ways to talk to it that hide nothing of the wire. */
export abstract class Endpoint {
  abstract get port(): number;

  /** Headers that let this client in, with every request. */
  protected readonly pass: Readonly<Record<string, string>> = {};

  /** Whether it speaks TLS, with a certificate that this process trusts. */
  get secure(): boolean {
    return false;
  }

  async connect(path = '/mcp', options: ClientOptions & { protocols?: string[] } = {}): Promise<WsClient> {
    const headers = { ...this.pass, ...options.headers };
    const client = new WsClient(this.webSocketUrl(path), { ...options, headers });
    await once(client.socket, 'open');
    return client;
  }

  /** A WebSocket client that has been introduced. */
  async introduced(revision = '2025-11-25', path = '/mcp', capabilities: Json = {}): Promise<WsClient> {
    const client = await this.connect(path);
    client.send(initialize(revision, 0, capabilities));
    await client.next();
    return client;
  }

  /** The status with which a handshake is refused. */
  async refused(path: string, options: ClientOptions & { protocols?: string[] } = {}): Promise<HttpAnswer> {
    const client = new WsClient(this.webSocketUrl(path), options);
    const [, response] = (await once(client.socket, 'unexpected-response')) as [unknown, IncomingMessage];
    return answerOf(response);
  }

  http(method: string, options: HttpOptions = {}): Promise<HttpAnswer> {
    return this.open(method, options).then(answerOf);
  }

  /** The response as soon as its headers are here. */
  async open(
    method: string,
    { path = '/mcp', headers = {}, body, signal, from }: HttpOptions = {},
  ): Promise<IncomingMessage> {
    const makeRequest = this.secure ? httpsRequest : httpRequest;
    const all = { ...this.pass, ...headers };
    const request = makeRequest({
      host: '127.0.0.1',
      port: this.port,
      method,
      path,
      headers: all,
      signal,
      agent: false,
      localAddress: from,
    });
    request.end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  }

  private webSocketUrl(path: string): string {
    return `${this.secure ? 'wss' : 'ws'}://127.0.0.1:${this.port}${path}`;
  }

  post(message: unknown, headers: Json = {}, path = '/mcp'): Promise<HttpAnswer> {
    return this.http('POST', { path, ...postOf(message, headers) });
  }

  /** A session over HTTP; returns the headers that its requests need. */
  async session(revision = '2025-11-25', path = '/mcp', capabilities: Json = {}): Promise<Record<string, string>> {
    const answer = await this.post(initialize(revision, 0, capabilities), {}, path);
    return {
      'mcp-session-id': String(answer.headers['mcp-session-id']),
      'mcp-protocol-version': revision,
    };
  }

  /** An introduced client of either transport that asks one thing after the other. */
  async asker(transport: RawTransport, revision?: string, path?: string): Promise<Asker> {
    if (transport === 'websocket') {
      const client = await this.introduced(revision, path);
      return {
        ask: (text) => {
          client.send(text);
          return client.nextText();
        },
        close: () => client.socket.close(),
      };
    }
    const session = await this.session(revision, path);
    return {
      ask: async (text) => {
        const { text: said } = await this.post(text, session, path);
        return /^(event|id):/.test(said) ? (dataOf(said).at(-1) ?? '') : said;
      },
      close: () => undefined,
    };
  }
}

export const RAW_TRANSPORTS = ['websocket', 'streamable_http'] as const;
export type RawTransport = (typeof RAW_TRANSPORTS)[number];

export interface Asker {
  /** Sends this text and takes the text of the reply. */
  ask(text: string): Promise<string>;
  close(): void;
}

export interface HttpOptions {
  readonly path?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
  readonly signal?: AbortSignal;
  /** The loopback address that it comes from. */
  readonly from?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: Json;
}

export function postOf(message: unknown, headers: Json = {}): Required<Pick<HttpOptions, 'headers' | 'body'>> {
  const body = typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message);
  const common = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'content-length': String(Buffer.byteLength(body)),
  };
  const merged = Object.entries({ ...common, ...headers }).filter(([, value]) => value !== undefined);
  return { body, headers: Object.fromEntries(merged) };
}

async function answerOf(response: IncomingMessage): Promise<HttpAnswer> {
  let text = '';
  for await (const chunk of response) text += String(chunk);
  const json = text.startsWith('{') || text.startsWith('[') ? (JSON.parse(text) as Json) : {};
  return { status: response.statusCode ?? 0, headers: response.headers, text, json };
}

/** The messages of an event stream. */
export function eventsOf(text: string): Json[] {
  return dataOf(text).map((data) => JSON.parse(data) as Json);
}

function dataOf(text: string): string[] {
  return (
    text
      .split('\n')
      .filter((line) => line.startsWith('data: '))
      .map((line) => line.slice(6))
      // One that only hands out an id.
      .filter((data) => data !== '')
  );
}

export function initialize(protocolVersion = '2025-11-25', id: string | number = 0, capabilities: Json = {}): Json {
  return request('initialize', id, { protocolVersion, capabilities, clientInfo: { name: 'desk', version: '2' } });
}

/** An answer to something that a client was asked. */
export function answer(id: unknown, result: Json = {}): Json {
  return { jsonrpc: '2.0', id, result };
}

export function request(method: string, id: string | number, params?: Json): Json {
  return { jsonrpc: '2.0', id, method, ...(params && { params }) };
}

export function call(name: string, id: string | number, params: Json = {}): Json {
  return request('tools/call', id, { name, arguments: {}, ...params });
}

export function cancelled(requestId: string | number): Json {
  return { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } };
}

/** A WebSocket client whose messages are taken one by one. */
export class WsClient {
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
  private readonly received: string[] = [];
  private wake: (() => void) | undefined;

  constructor(url: string, { protocols, ...options }: ClientOptions & { protocols?: string[] } = {}) {
    this.socket = new WebSocket(url, protocols ?? ['mcp'], options);
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data: Buffer) => {
      this.received.push(data.toString());
      this.wake?.();
    });
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The text of the next message. */
  async nextText(): Promise<string> {
    while (this.received.length === 0) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    return this.received.shift() as string;
  }

  async next(): Promise<Json> {
    return JSON.parse(await this.nextText()) as Json;
  }

  /** Sends and takes the next message. */
  ask(message: unknown): Promise<Json> {
    this.send(message);
    return this.next();
  }
}

class PortEndpoint extends Endpoint {
  constructor(readonly port: number) {
    super();
  }
}

/** Whoever listens at a URL of this machine. */
export function endpointAt(url: string): Endpoint {
  return new PortEndpoint(Number(new URL(url).port));
}
