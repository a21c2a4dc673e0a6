import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Global, Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NEVER } from 'rxjs';
import { WebSocket, type ClientOptions } from 'ws';

import { ConfigService } from '../../src/config/index.js';
import { CLOCK } from '../../src/core/clock.js';
import { Events, type GatewayEvents } from '../../src/core/events.js';
import type { Exchange } from '../../src/core/exchange.js';
import { result, type McpReply, type McpRequest } from '../../src/core/message.js';
import { PRODUCT } from '../../src/core/product.js';
import { Downstream, DownstreamModule, FrontAdapter, McpWsAdapter } from '../../src/downstream/index.js';
import { ROUTE_TABLE, type Route, type RouteTable } from '../../src/routing/index.js';
import { systemClock } from '../../src/system-clock.js';

export type Json = Record<string, unknown>;
type Handler = (request: McpRequest, exchange: Exchange) => Promise<McpReply>;

/** Routes `/mcp` and `/mcp/crm` whose requests end in a handler of the test's. */
export class FakeRoutes implements RouteTable {
  readonly seen: { request: McpRequest; exchange: Exchange }[] = [];
  capabilities: Json = { tools: {}, logging: {} };
  instructions: string | undefined = 'Be kind.';
  handler: Handler = () => Promise.resolve(result({ ok: true }));
  private readonly routes = new Map<string, Route>();

  constructor() {
    this.add('/mcp', 'mcp');
    this.add('/mcp/crm', 'crm');
  }

  find(path: string): Route | undefined {
    return this.routes.get(path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path);
  }

  remove(path: string): void {
    this.routes.delete(path);
  }

  private add(path: string, name: string): void {
    this.routes.set(path, {
      name,
      path,
      introduction: () => ({ capabilities: this.capabilities as never, instructions: this.instructions }),
      handle: (request, exchange) => {
        this.seen.push({ request, exchange });
        return this.handler(request, exchange);
      },
    });
  }
}

/** Sections by class name, with what a test wants to be different. */
export type Overrides = Readonly<Record<string, Json>>;

function fakeConfig(overrides: Overrides): ConfigService {
  const sections = new Map<object, object>();
  const get = (section: { new (): object; name: string }): object => {
    const known = sections.get(section) ?? Object.assign(new section(), overrides[section.name]);
    sections.set(section, known);
    return known;
  };
  return { get, changes: NEVER, addCheck: () => () => undefined } as unknown as ConfigService;
}

/** A Nest application that has the downstream side and nothing behind it. */
export class DownstreamApp {
  readonly outcomes: GatewayEvents['exchange.finished'][] = [];
  readonly dropped: string[] = [];
  readonly connections: string[] = [];

  private constructor(
    readonly app: INestApplication,
    readonly routes: FakeRoutes,
    events: Events,
  ) {
    events.on('exchange.finished', (event) => this.outcomes.push(event));
    events.on('message.dropped', ({ why }) => this.dropped.push(why));
    events.on('connection.opened', ({ id }) => this.connections.push(id));
    events.on('connection.closed', ({ id }) => this.connections.splice(this.connections.indexOf(id), 1));
  }

  static async start(overrides: Overrides = {}): Promise<DownstreamApp> {
    const routes = new FakeRoutes();
    const events = new Events();
    const ground = [
      { provide: ConfigService, useValue: fakeConfig(overrides) },
      { provide: CLOCK, useValue: systemClock },
      { provide: Events, useValue: events },
      { provide: PRODUCT, useValue: { name: 'gw', version: '1.0.0', environment: 'test' } },
      { provide: ROUTE_TABLE, useValue: routes },
    ];
    @Global()
    @Module({ providers: ground, exports: ground.map(({ provide }) => provide) })
    class Ground {}
    @Module({ imports: [Ground, DownstreamModule] })
    class App {}
    const app = await NestFactory.create(App, new FrontAdapter(), { logger: false, bodyParser: false });
    app.useWebSocketAdapter(new McpWsAdapter(app));
    await app.listen(0, '127.0.0.1');
    return new DownstreamApp(app, routes, events);
  }

  get port(): number {
    return (this.app.getHttpServer().address() as AddressInfo).port;
  }

  get downstream(): Downstream {
    return this.app.get(Downstream);
  }

  /** `status reason` of each exchange that has ended, by method. */
  outcome(method: string): string[] {
    return this.outcomes
      .filter(({ exchange }) => exchange.method === method)
      .map(({ outcome }) => `${outcome.status} ${outcome.reason ?? '-'}`);
  }

  async connect(path = '/mcp', options: ClientOptions & { protocols?: string[] } = {}): Promise<WsClient> {
    const client = new WsClient(`ws://127.0.0.1:${this.port}${path}`, options);
    await once(client.socket, 'open');
    return client;
  }

  /** A WebSocket client that has been introduced. */
  async introduced(revision = '2025-11-25'): Promise<WsClient> {
    const client = await this.connect();
    client.send(initialize(revision));
    await client.next();
    return client;
  }

  /** The status with which a handshake is refused. */
  async refused(path: string, options: ClientOptions & { protocols?: string[] } = {}): Promise<HttpAnswer> {
    const client = new WsClient(`ws://127.0.0.1:${this.port}${path}`, options);
    const [, response] = (await once(client.socket, 'unexpected-response')) as [unknown, IncomingMessage];
    return answerOf(response);
  }

  http(method: string, options: HttpOptions = {}): Promise<HttpAnswer> {
    return this.open(method, options).then(answerOf);
  }

  /** The response as soon as its headers are here. */
  async open(
    method: string,
    { path = '/mcp', headers = {}, body, signal }: HttpOptions = {},
  ): Promise<IncomingMessage> {
    const request = httpRequest({ host: '127.0.0.1', port: this.port, method, path, headers, signal, agent: false });
    request.end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  }

  post(message: unknown, headers: Json = {}, path = '/mcp'): Promise<HttpAnswer> {
    return this.http('POST', { path, ...postOf(message, headers) });
  }

  /** A session over HTTP; returns the headers that its requests need. */
  async session(revision = '2025-11-25'): Promise<Record<string, string>> {
    const answer = await this.post(initialize(revision));
    return {
      'mcp-session-id': String(answer.headers['mcp-session-id']),
      'mcp-protocol-version': revision,
    };
  }

  stop(): Promise<void> {
    return this.app.close();
  }
}

export interface HttpOptions {
  readonly path?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
  readonly signal?: AbortSignal;
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
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => JSON.parse(line.slice(6)) as Json);
}

export function initialize(protocolVersion = '2025-11-25', id: string | number = 0): Json {
  return request('initialize', id, { protocolVersion, capabilities: {}, clientInfo: { name: 'desk', version: '2' } });
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
