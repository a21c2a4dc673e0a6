import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

import { EventStream } from './golden-events.ts';
import { headersOf, openModern } from './modern.ts';
import { eventsOf, type Endpoint, type Json, WsClient } from './raw-clients.ts';

/** All that came for one request over HTTP. */
export interface ModernAnswered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** What came before the reply. */
  readonly told: readonly Json[];
  /** The reply; empty where there was none. */
  readonly reply: Json;
}

/** Sends an enveloped request over HTTP and takes everything until the response ends, be it JSON or a stream. */
export async function askModern(endpoint: Endpoint, message: Json, headers: Json = {}): Promise<ModernAnswered> {
  const response = await openModern(endpoint, message, headers);
  let text = '';
  for await (const chunk of response) text += String(chunk);
  const isStream = response.headers['content-type']?.startsWith('text/event-stream');
  const messages = isStream ? eventsOf(text) : text === '' ? [] : [JSON.parse(text) as Json];
  const reply = messages.at(-1)?.['id'] === undefined && isStream ? {} : (messages.pop() ?? {});
  return { status: response.statusCode ?? 0, headers: response.headers, told: messages, reply };
}

/** A request over HTTP whose response is read message by message: a listen, or a call that takes its time. */
export class ModernStream {
  private readonly stream: EventStream;

  private constructor(readonly response: IncomingMessage) {
    this.stream = new EventStream(response);
  }

  static async open(endpoint: Endpoint, message: Json, headers: Json = {}): Promise<ModernStream> {
    const response = await openModern(endpoint, message, { ...headersOf(message), ...headers });
    const type = response.headers['content-type'] ?? '';
    if (!type.startsWith('text/event-stream')) throw new Error(`answered ${response.statusCode} ${type}`);
    return new ModernStream(response);
  }

  /** The next message, within five seconds. */
  async next(): Promise<Json> {
    return JSON.parse((await this.stream.message())['data'] ?? '') as Json;
  }

  /** What came and was not taken. */
  get rest(): readonly Json[] {
    return this.stream.events.rest.map((event) => JSON.parse(event['data'] ?? '{}') as Json);
  }

  get isOver(): boolean {
    return this.response.destroyed || this.response.complete;
  }

  /** Goes away: that cancels the request. */
  close(): void {
    this.response.destroy();
  }
}

/** A WebSocket client that sends enveloped requests and sorts what comes by the request that it is for. */
export class ModernSocket {
  /** What came and was not waited for. */
  readonly told: Json[] = [];

  private constructor(readonly client: WsClient) {}

  static async connect(endpoint: Endpoint, path = '/mcp'): Promise<ModernSocket> {
    return new ModernSocket(await endpoint.connect(path));
  }

  send(message: Json): void {
    this.client.send(message);
  }

  /** Sends a request and takes its reply; whatever comes before that is kept. */
  async ask(message: Json): Promise<Json> {
    this.send(message);
    return this.until(({ id }) => id === message['id']);
  }

  /** The first message that fits, of those that were kept and of those to come. */
  async until(fits: (message: Json) => boolean): Promise<Json> {
    const kept = this.told.findIndex(fits);
    if (kept >= 0) return this.told.splice(kept, 1)[0]!;
    for (;;) {
      const message = await this.client.next();
      if (fits(message)) return message;
      this.told.push(message);
    }
  }

  close(): void {
    this.client.socket.close();
  }
}
