import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';

import { Global, Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NEVER } from 'rxjs';

import { ConfigService } from '../../src/config/index.js';
import { CLOCK, type Clock } from '../../src/core/clock.js';
import { Events, type GatewayEvents } from '../../src/core/events.js';
import type { Exchange, Stay } from '../../src/core/exchange.js';
import { result, type McpReply, type McpRequest } from '../../src/core/message.js';
import { PRODUCT } from '../../src/core/product.js';
import { Sealer } from '../../src/core/sealed.js';
import { Downstream, DownstreamModule, FrontAdapter, McpWsAdapter } from '../../src/downstream/index.js';
import { ExtensionModule } from '../../src/extension/index.js';
import { Audience, ROUTE_TABLE, type Route, type RouteTable } from '../../src/routing/index.js';
import { systemClock } from '../../src/system-clock.js';
import { Endpoint, type Json } from './raw-clients.js';

export {
  answer,
  call,
  cancelled,
  eventsOf,
  initialize,
  postOf,
  RAW_TRANSPORTS,
  request,
  WsClient,
  type HttpAnswer,
  type HttpOptions,
  type Json,
} from './raw-clients.js';

type Handler = (request: McpRequest, exchange: Exchange) => Promise<McpReply>;

/** Routes `/mcp` and `/mcp/crm` whose requests end in a handler of the test's. */
export class FakeRoutes implements RouteTable {
  readonly seen: { request: McpRequest; exchange: Exchange }[] = [];
  /** What downstreams said to the servers behind a route. */
  readonly notified: { method: string; stay: Stay }[] = [];
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
      keepsFor: () => false,
      introduction: () => ({
        capabilities: this.capabilities as never,
        instructions: this.instructions,
        ttlMs: 60_000,
      }),
      handle: (request, exchange) => {
        this.seen.push({ request, exchange });
        return this.handler(request, exchange);
      },
      notify: (method, _params, stay) => void this.notified.push({ method, stay }),
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
  return { get, snapshot: { get }, changes: NEVER, addCheck: () => () => undefined } as unknown as ConfigService;
}

/** A Nest application that has the downstream side and nothing behind it. */
export class DownstreamApp extends Endpoint {
  readonly outcomes: GatewayEvents['exchange.finished'][] = [];
  readonly dropped: string[] = [];
  readonly connections: string[] = [];

  private constructor(
    readonly app: INestApplication,
    readonly routes: FakeRoutes,
    events: Events,
  ) {
    super();
    events.on('exchange.finished', (event) => this.outcomes.push(event));
    events.on('message.dropped', ({ why }) => this.dropped.push(why));
    events.on('connection.opened', ({ id }) => this.connections.push(id));
    events.on('connection.closed', ({ id }) => this.connections.splice(this.connections.indexOf(id), 1));
  }

  static async start(overrides: Overrides = {}, clock: Clock = systemClock): Promise<DownstreamApp> {
    const routes = new FakeRoutes();
    const events = new Events();
    const ground = [
      { provide: ConfigService, useValue: fakeConfig(overrides) },
      { provide: CLOCK, useValue: clock },
      Audience,
      { provide: Sealer, useValue: new Sealer(randomBytes(32)) },
      { provide: Events, useValue: events },
      { provide: PRODUCT, useValue: { name: 'gw', version: '1.0.0', environment: 'test' } },
      { provide: ROUTE_TABLE, useValue: routes },
    ];
    @Global()
    @Module({ providers: ground, exports: ground.map((each) => ('provide' in each ? each.provide : each)) })
    class Ground {}
    @Module({ imports: [ExtensionModule, Ground, DownstreamModule] })
    class App {}
    const app = await NestFactory.create(App, new FrontAdapter(), {
      logger: false,
      bodyParser: false,
      abortOnError: false,
    });
    app.useWebSocketAdapter(new McpWsAdapter(app));
    await app.listen(0, '127.0.0.1');
    return new DownstreamApp(app, routes, events);
  }

  get port(): number {
    return (this.app.getHttpServer().address() as AddressInfo).port;
  }

  /** Who can be told what concerns a route. */
  stays(routeName = 'mcp'): Stay[] {
    return [...this.app.get(Audience).of(routeName)];
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

  stop(): Promise<void> {
    return this.app.close();
  }
}
