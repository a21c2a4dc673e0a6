import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Mailbox } from './golden-mailbox.ts';
import { MODERN, SERVER_INFO, SUBSCRIPTION_ID } from './modern.ts';
import { type Json } from './raw-clients.ts';
import { textOfBody } from './scripted-http.ts';

const EVENTS = { 'content-type': 'text/event-stream' };
const JSON_BODY = { 'content-type': 'application/json' };

/** One message as it came to a scripted server, and the response that waits for it. */
export class AskedModern {
  /** Settles when the response is over: it was ended, or whoever asked has gone. */
  readonly closed: Promise<void>;
  readonly httpMethod: string;
  readonly headers: IncomingHttpHeaders;
  /** The body as it came. */
  readonly text: string;
  readonly message: Json;
  private readonly response: ServerResponse;

  constructor(httpMethod: string, headers: IncomingHttpHeaders, text: string, response: ServerResponse) {
    this.httpMethod = httpMethod;
    this.headers = headers;
    this.text = text;
    this.message = text.startsWith('{') ? (JSON.parse(text) as Json) : {};
    this.response = response;
    this.closed = once(response, 'close').then(() => undefined);
  }

  get method(): string {
    return String(this.message['method']);
  }

  get id(): unknown {
    return this.message['id'];
  }

  get params(): Json {
    return (this.message['params'] ?? {}) as Json;
  }

  /** What its envelope says, and everything beside it. */
  get meta(): Json {
    return (this.params['_meta'] ?? {}) as Json;
  }

  get isOpen(): boolean {
    return !this.response.closed;
  }

  /** A result as it stands, or with `resultType` where it has none. On the stream, if one was begun. */
  reply(result: Json | string): void {
    const text = typeof result === 'string' ? result : JSON.stringify({ resultType: 'complete', ...result });
    this.finish(200, `{"jsonrpc":"2.0","id":${JSON.stringify(this.id)},"result":${text}}`);
  }

  error(code: number, message = 'no', data?: Json, status = 200): void {
    this.finish(status, JSON.stringify({ jsonrpc: '2.0', id: this.id, error: { code, message, data } }));
  }

  /** A status without a word. */
  status(status: number, headers: Record<string, string> = {}): void {
    this.response.writeHead(status, headers).end();
  }

  /** Begins a stream, if none is begun. */
  begin(): this {
    if (!this.response.headersSent) this.response.writeHead(200, EVENTS).flushHeaders();
    return this;
  }

  /** A notification on the stream. */
  say(method: string, params: Json = {}): void {
    this.begin().response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', method, params })}\n\n`);
  }

  /** A notification for the listen that this is. */
  tell(method: string, params: Json = {}): void {
    this.say(method, { ...params, _meta: { ...(params['_meta'] as Json | undefined), [SUBSCRIPTION_ID]: this.id } });
  }

  /** Honours the listen that this is, in full or as far as it is said. */
  acknowledge(notifications = this.params['notifications'] as Json): void {
    this.tell('notifications/subscriptions/acknowledged', { notifications });
  }

  /** Ends the listen that this is as servers do that are being shut down. */
  endListen(): void {
    this.reply({ _meta: { [SUBSCRIPTION_ID]: this.id } });
  }

  /** Ends the stream without a reply. */
  end(): void {
    this.begin().response.end();
  }

  /** Breaks the connection. */
  break(): void {
    this.response.destroy();
  }

  /** An event of the stream as it stands, with the id of any reply. */
  event(text: string): void {
    this.begin().response.write(`data: ${text}\n\n`);
    if (/^\{"jsonrpc":"2.0","id":/.test(text)) this.response.end();
  }

  /** The whole answer as it stands; the last event where a stream was begun. */
  answer(status: number, text: string): void {
    this.finish(status, text);
  }

  private finish(status: number, text: string): void {
    if (this.response.headersSent) this.response.end(`data: ${text}\n\n`);
    else this.response.writeHead(status, JSON_BODY).end(text);
  }
}

export type ModernAnswer = (asked: AskedModern) => void;

/** A modern server over Streamable HTTP that says what a test says, byte by byte. */
export class ScriptedModern implements AsyncDisposable {
  /** Everything that came, in order. */
  readonly heard: AskedModern[] = [];
  /** What came and has no answer of its own. */
  private readonly waiting = new Mailbox<AskedModern>();
  private readonly answers = new Map<string, ModernAnswer>();
  private readonly http: Server;

  private constructor(capabilities: Json) {
    this.on('server/discover', (asked) => asked.reply(discovered(capabilities)));
    this.http = createServer((request, response) => {
      void textOfBody(request).then((text) =>
        this.take(new AskedModern(request.method ?? '', request.headers, text, response)),
      );
    });
  }

  /** @param capabilities what it says that it can do; `server/discover` is answered by itself */
  static async start(capabilities: Json = { tools: {} }): Promise<ScriptedModern> {
    const server = new ScriptedModern(capabilities);
    server.http.listen(0, '127.0.0.1');
    await once(server.http, 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}/mcp`;
  }

  /** Keys of its `[[upstream.groups.NAME.servers]]`. */
  get toml(): string {
    return `url = "${this.url}"`;
  }

  /** From now on this method is answered so; `undefined` leaves it to `next` again. */
  on(method: string, answer: ModernAnswer | undefined): this {
    if (answer) this.answers.set(method, answer);
    else this.answers.delete(method);
    return this;
  }

  /** The next message that nothing answers by itself. */
  async next(method?: string): Promise<AskedModern> {
    const asked = await this.waiting.next();
    if (method !== undefined && asked.method !== method) throw new Error(`${asked.method} came, and not ${method}`);
    return asked;
  }

  /** What came and was not taken. */
  get unasked(): readonly AskedModern[] {
    return this.waiting.rest;
  }

  /** Throws away what was not taken. */
  forget(): void {
    this.waiting.clear();
  }

  /** All that came under a method. */
  heardOf(method: string): AskedModern[] {
    return this.heard.filter((asked) => asked.method === method);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((done) => this.http.close(done));
    // Nobody can connect any more.
    this.http.closeAllConnections();
    await closed;
  }

  private take(asked: AskedModern): void {
    this.heard.push(asked);
    if (asked.httpMethod !== 'POST') return asked.status(405);
    if (asked.id === undefined) return asked.status(202);
    const answer = this.answers.get(asked.method);
    if (answer) answer(asked);
    else this.waiting.push(asked);
  }
}

export function discovered(capabilities: Json, supportedVersions: readonly string[] = [MODERN]): Json {
  const meta = { [SERVER_INFO]: { name: 'scripted', version: '1' } };
  return { supportedVersions, capabilities, ttlMs: 0, cacheScope: 'private', _meta: meta };
}
