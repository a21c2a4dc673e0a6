import type { IncomingMessage } from 'node:http';

import type { Exchange } from '../../src/core/exchange.js';
import { result, type McpReply } from '../../src/core/message.js';
import { MemoryEventStore } from '../../src/downstream/http/event-store/memory-event-store.js';
import { readParams } from '../../src/protocol/index.js';
import { call, DownstreamApp, postOf, type Json, type Overrides } from './downstream.js';
import { ManualClock } from './manual-clock.js';
import { until } from './until.js';

/** An event stream as its bytes arrive. */
export class HeardStream {
  text = '';
  ended = false;

  readonly response: IncomingMessage;

  constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => (this.text += chunk));
    response.on('error', () => undefined);
    response.on('close', () => (this.ended = true));
  }

  get status(): number {
    return this.response.statusCode ?? 0;
  }

  /** The ids of its events so far. */
  get ids(): string[] {
    return [...this.text.matchAll(/^id: (.+)$/gm)].map(([, id]) => id ?? '');
  }

  get lastId(): string {
    return this.ids.at(-1) ?? '';
  }

  async untilHeard(what: string): Promise<this> {
    await until(() => this.text.includes(what), `"${what}" on the stream`);
    return this;
  }

  /** All of it but comments, as soon as it has ended. */
  async whole(): Promise<string> {
    await until(() => this.ended, 'the end of the stream');
    return this.text.replaceAll(':\n\n', '');
  }

  /** Breaks the connection. */
  async cut(): Promise<void> {
    this.response.destroy();
    await until(() => this.ended, 'the connection to be gone');
  }
}

/** One event as it stands on the wire. */
export function eventText(id: string, data: unknown): string {
  return `event: message\nid: ${id}\ndata: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
}

/** The downstream side with time at a standstill, calls that are answered when a test says so, and their streams. */
export class ResumeBench {
  readonly clock: ManualClock;
  readonly gateway: DownstreamApp;
  readonly replies: PromiseWithResolvers<McpReply>[] = [];

  private constructor(clock: ManualClock, gateway: DownstreamApp) {
    this.clock = clock;
    this.gateway = gateway;
    gateway.routes.handler = () => {
      const reply = Promise.withResolvers<McpReply>();
      this.replies.push(reply);
      return reply.promise;
    };
  }

  static async start(overrides: Overrides = {}): Promise<ResumeBench> {
    const clock = new ManualClock();
    return new ResumeBench(clock, await DownstreamApp.start(overrides, clock));
  }

  get kept(): MemoryEventStore['size'] {
    return this.gateway.app.get(MemoryEventStore).size;
  }

  /** Sends a call that asks for progress and waits until it is under way. */
  async ask(session: Json, id = 1): Promise<{ exchange: Exchange; response: Promise<HeardStream> }> {
    const { seen } = this.gateway.routes;
    const before = seen.length;
    const asking = { _meta: { progressToken: 'p' } };
    const response = this.gateway.open('POST', postOf(call('slow', id, asking), session));
    response.catch(() => undefined);
    await until(() => seen.length > before, 'the call to arrive');
    return { exchange: seen[before]!.exchange, response: response.then((each) => new HeardStream(each)) };
  }

  /** Opens a stream by GET, behind that event where one is named. */
  async listen(session: Record<string, string>, lastEventId?: string): Promise<HeardStream> {
    const headers = { ...session, accept: 'text/event-stream' };
    const resuming = lastEventId === undefined ? headers : { ...headers, 'last-event-id': lastEventId };
    return new HeardStream(await this.gateway.open('GET', { headers: resuming }));
  }

  /** Answers the call of that place with `{"done":true}`. */
  settle(index = this.replies.length - 1): void {
    this.replies[index]!.resolve(result({ done: true }));
  }

  stop(): Promise<void> {
    return this.gateway.stop();
  }
}

/** Reports progress on a call, as a server would. */
export function progress(exchange: Exchange, value: number, message?: string): void {
  const params = readParams(Buffer.from(JSON.stringify({ progressToken: 9, progress: value, message })));
  exchange.deliver({ kind: 'notification', method: 'notifications/progress', params });
}
