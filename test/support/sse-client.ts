import type { IncomingMessage } from 'node:http';

import { initialize, postOf, type Endpoint, type HttpAnswer, type Json } from './raw-clients.ts';

/** One event of a stream, as it stands there. */
export interface SseEvent {
  readonly event: string;
  readonly data: string;
}

/** A client of HTTP+SSE, whose events are taken one by one. */
export class SseClient {
  /** Settles when the stream is over, however it ended. */
  readonly closed: Promise<void>;
  /** Where its messages go to. */
  endpoint = '';
  comments = 0;
  private rest = '';
  private readonly received: SseEvent[] = [];
  private wake: (() => void) | undefined;

  private constructor(
    private readonly gateway: Endpoint,
    readonly response: IncomingMessage,
    private readonly headers: Json,
  ) {
    response.on('error', () => undefined);
    this.closed = new Promise((resolve) =>
      response.once('close', () => {
        resolve();
        this.wake?.();
      }),
    );
    response.on('data', (chunk) => this.read(String(chunk)));
  }

  static async open(gateway: Endpoint, path = '/sse', headers: Json = {}): Promise<SseClient> {
    const sent = { accept: 'text/event-stream', ...headers } as Record<string, string>;
    const response = await gateway.open('GET', { path, headers: sent });
    if (response.statusCode !== 200) throw new Error(`the stream was refused: ${response.statusCode}`);
    const client = new SseClient(gateway, response, headers);
    const { event, data } = await client.nextEvent();
    if (event !== 'endpoint') throw new Error(`the first event is ${event}`);
    client.endpoint = data;
    return client;
  }

  /** One that has been introduced. */
  static async introduced(gateway: Endpoint, revision = '2024-11-05', path = '/sse'): Promise<SseClient> {
    const client = await SseClient.open(gateway, path);
    await client.ask(initialize(revision));
    return client;
  }

  get sessionId(): string {
    return new URL(this.endpoint, 'http://gateway').searchParams.get('sessionId') ?? '';
  }

  async nextEvent(): Promise<SseEvent> {
    while (this.received.length === 0) {
      if (this.response.destroyed) throw new Error('the stream has ended');
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    return this.received.shift()!;
  }

  /** The text of the next message. */
  async nextText(): Promise<string> {
    const { event, data } = await this.nextEvent();
    if (event !== 'message') throw new Error(`not a message but ${event}`);
    return data;
  }

  async next(): Promise<Json> {
    return JSON.parse(await this.nextText()) as Json;
  }

  post(message: unknown, headers: Json = {}): Promise<HttpAnswer> {
    return this.gateway.http('POST', { path: this.endpoint, ...postOf(message, { ...this.headers, ...headers }) });
  }

  /** Posts and takes the next message of the stream. */
  async ask(message: unknown): Promise<Json> {
    const { status } = await this.post(message);
    if (status !== 202) throw new Error(`the message was refused: ${status}`);
    return this.next();
  }

  close(): void {
    this.response.destroy();
  }

  private read(text: string): void {
    const blocks = `${this.rest}${text}`.split('\n\n');
    this.rest = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block.startsWith(':')) this.comments++;
      else this.received.push(eventOf(block));
    }
    this.wake?.();
  }
}

function eventOf(block: string): SseEvent {
  const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]));
  return { event: fields.get('event') ?? 'message', data: fields.get('data') ?? '' };
}
