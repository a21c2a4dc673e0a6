import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { envelope, MODERN, SERVER_INFO, SUBSCRIPTION_ID } from '../../support/modern.ts';
import type { Json } from '../../support/raw-clients.ts';
import { textOfBody } from '../../support/scripted-http.ts';

const EVENTS = { 'content-type': 'text/event-stream' };
const JSON_BODY = { 'content-type': 'application/json' };

/** One request as it came to a hostile modern server, and ways to answer it that no decent server would use. */
export class Hit {
  readonly headers: IncomingHttpHeaders;
  readonly id: number;
  readonly method: string;
  readonly params: Json;
  readonly response: ServerResponse;

  constructor(headers: IncomingHttpHeaders, message: Json, response: ServerResponse) {
    this.headers = headers;
    this.id = message['id'] as number;
    this.method = String(message['method']);
    this.params = (message['params'] ?? {}) as Json;
    this.response = response;
  }

  /** Whether it is a request of the modern era. */
  get isEnveloped(): boolean {
    const said = (this.params['_meta'] ?? {}) as Json;
    return Object.keys(envelope({ clientInfo: {} })).every((key) => key in said || key.endsWith('clientInfo'));
  }

  /** A body of JSON that ends the response. */
  body(message: Json | string, status = 200, type = 'application/json'): void {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    this.response.writeHead(status, { 'content-type': type }).end(text);
  }

  /** A result, as JSON or as a value; on the stream if one was begun. */
  result(result: Json | string): void {
    const text = typeof result === 'string' ? result : JSON.stringify({ resultType: 'complete', ...result });
    const message = `{"jsonrpc":"2.0","id":${this.id},"result":${text}}`;
    if (this.response.headersSent) this.event(message).response.end();
    else this.body(message);
  }

  error(code: number, data?: Json, status = 200, id: unknown = this.id): void {
    this.body({ jsonrpc: '2.0', id, error: { code, message: 'no', data } }, status);
  }

  /** One event on the stream, which it begins. */
  event(message: Json | string): this {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    if (!this.response.headersSent) this.response.writeHead(200, EVENTS).flushHeaders();
    this.response.write(`data: ${text}\n\n`);
    return this;
  }

  notify(method: string, params: Json = {}): this {
    return this.event({ jsonrpc: '2.0', method, params });
  }

  /** A notification for the listen that this is, or for another. */
  tell(method: string, params: Json = {}, listen: unknown = this.id): this {
    return this.notify(method, { ...params, _meta: { [SUBSCRIPTION_ID]: listen } });
  }

  acknowledge(notifications = this.params['notifications'] as Json): this {
    return this.tell('notifications/subscriptions/acknowledged', { notifications });
  }

  /** What a decent tool says. */
  fine(): void {
    this.result({ content: [{ type: 'text', text: 'fine' }] });
  }
}

export type Misdeed = (hit: Hit) => unknown;
/** By method; `*` for whatever is not named. */
export type Misdeeds = Readonly<Record<string, Misdeed>>;

const CAPABILITIES = {
  tools: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  prompts: { listChanged: true },
};

const DECENT: Misdeeds = {
  'server/discover': (hit) => hit.result(described([MODERN])),
  'tools/list': (hit) => hit.result({ tools: [{ name: 'fine', inputSchema: { type: 'object' } }], ...FRESH }),
  'tools/call': (hit) => hit.fine(),
  'resources/list': (hit) => hit.result({ resources: [{ uri: 'test://a', name: 'a' }], ...FRESH }),
  'resources/read': (hit) => hit.result({ contents: [{ uri: 'test://a', text: 'fine' }], ...FRESH }),
  'resources/templates/list': (hit) => hit.result({ resourceTemplates: [], ...FRESH }),
  'prompts/list': (hit) => hit.result({ prompts: [{ name: 'p' }], ...FRESH }),
  'prompts/get': (hit) => hit.result({ messages: [] }),
  'subscriptions/listen': (hit) => hit.acknowledge(),
  '*': (hit) => hit.error(-32601, undefined, 404),
};

const FRESH = { ttlMs: 0, cacheScope: 'private' };

/** As `server/discover` says it. */
export function described(supportedVersions: unknown): Json {
  return {
    supportedVersions,
    capabilities: CAPABILITIES,
    ...FRESH,
    _meta: { [SERVER_INFO]: { name: 'x', version: '1' } },
  };
}

/** A server of the legacy era as the official kit makes them: all but an introduction needs a session. */
export const LEGACY: Misdeeds = {
  initialize: (hit) => {
    hit.response.setHeader('mcp-session-id', 'legacy');
    const serverInfo = { name: 'x', version: '1' };
    hit.body({
      jsonrpc: '2.0',
      id: hit.id,
      result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo },
    });
  },
  '*': (hit) => {
    if (hit.headers['mcp-session-id'] !== 'legacy') return hit.error(-32000, undefined, 400, null);
    if (hit.method === 'tools/list') return hit.result('{"tools":[{"name":"fine","inputSchema":{"type":"object"}}]}');
    return hit.result(hit.method === 'tools/call' ? '{"content":[{"type":"text","text":"fine"}]}' : '{}');
  },
};

/** A server of the modern era over HTTP, decent but for its misdeeds. */
export class HostileModern {
  /** All requests, with the time at which they came. */
  readonly hits: { readonly at: number; readonly hit: Hit }[] = [];
  misdeeds: Misdeeds = {};
  private readonly http: Server;

  constructor() {
    this.http = createServer((request, response) => {
      response.on('error', () => undefined);
      request.on('error', () => undefined);
      void textOfBody(request)
        .then((text) => this.take(request.method ?? '', request.headers, text, response))
        .catch(() => undefined);
    });
  }

  async start(): Promise<this> {
    this.http.listen(0, '127.0.0.1');
    await once(this.http, 'listening');
    return this;
  }

  get toml(): string {
    return `url = "http://127.0.0.1:${(this.http.address() as AddressInfo).port}/canary-path"\n`;
  }

  /** How many requests of a method have come; of all without one. */
  count(method?: string): number {
    return this.hits.filter(({ hit }) => method === undefined || hit.method === method).length;
  }

  /** Requests of a method, the latest last. */
  of(method: string): Hit[] {
    return this.hits.flatMap(({ hit }) => (hit.method === method ? [hit] : []));
  }

  /** Does as told from now on; whatever is open breaks, as when a server is started anew. */
  restart(misdeeds: Misdeeds = {}): void {
    this.misdeeds = misdeeds;
    this.http.closeAllConnections();
  }

  stop(): void {
    this.http.close();
    this.http.closeAllConnections();
  }

  private take(verb: string, headers: IncomingHttpHeaders, text: string, response: ServerResponse): void {
    if (verb !== 'POST') return void response.writeHead(405, JSON_BODY).end();
    const hit = new Hit(headers, JSON.parse(text) as Json, response);
    if (hit.id === undefined) return void response.writeHead(202).end();
    this.hits.push({ at: performance.now(), hit });
    const { misdeeds } = this;
    const deed = misdeeds[hit.method] ?? misdeeds['*'];
    if (deed) deed(hit);
    else if (!hit.isEnveloped) hit.error(-32602, undefined, 400);
    else (DECENT[hit.method] ?? DECENT['*'])?.(hit);
  }
}

/** The reply of a decent tool. */
export function fine(id: number, text = 'fine'): Json {
  return { jsonrpc: '2.0', id, result: { resultType: 'complete', content: [{ type: 'text', text }] } };
}
