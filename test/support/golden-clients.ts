import type { IncomingMessage } from 'node:http';

import { EventStream } from './golden-events.ts';
import { Mailbox } from './golden-mailbox.ts';
import { LineClient } from './line-client.ts';
import { postOf, type Endpoint } from './raw-clients.ts';
import { SseClient } from './sse-client.ts';

export const GOLDEN_TRANSPORTS = ['websocket', 'streamable_http', 'sse', 'unix'] as const;
export type GoldenTransport = (typeof GOLDEN_TRANSPORTS)[number];

/** A client that says bytes and hears bytes, over any transport. */
export interface GoldenClient {
  /** What came on the way of a request: on the response to its POST, over Streamable HTTP. */
  readonly replies: Mailbox<string>;
  /** What came on the session's own stream. The same box where one stream carries everything. */
  readonly own: Mailbox<string>;
  say(text: string): Promise<void>;
  /** Opens the session's own stream, where that is a thing of its own. */
  listen(): Promise<void>;
  /** Ends its session. */
  close(): Promise<void>;
}

export interface GoldenAddress {
  readonly endpoint: Endpoint;
  /** Of the unix socket. */
  readonly socket: string;
}

export function goldenClient(
  transport: GoldenTransport,
  { endpoint, socket }: GoldenAddress,
  revision: string,
): Promise<GoldenClient> {
  if (transport === 'websocket') return webSocketClient(endpoint);
  if (transport === 'sse') return sseClient(endpoint);
  if (transport === 'unix') return unixClient(socket);
  return Promise.resolve(new PostingClient(endpoint, revision));
}

const nothing = (): Promise<void> => Promise.resolve();

async function webSocketClient(endpoint: Endpoint): Promise<GoldenClient> {
  const { socket } = await endpoint.connect();
  const heard = new Mailbox<string>();
  socket.on('message', (data: Buffer) => heard.push(data.toString()));
  socket.on('close', (code) => heard.fail(new Error(`the connection was closed with ${code}`)));
  return {
    replies: heard,
    own: heard,
    say: (text) => Promise.resolve(socket.send(text)),
    listen: nothing,
    close: () => Promise.resolve(socket.close()),
  };
}

async function sseClient(endpoint: Endpoint): Promise<GoldenClient> {
  const client = await SseClient.open(endpoint);
  const heard = new Mailbox<string>();
  void pump(() => client.nextText(), heard);
  return {
    replies: heard,
    own: heard,
    say: async (text) => {
      const { status } = await client.post(text);
      if (status !== 202) heard.fail(new Error(`the message was answered ${status}`));
    },
    listen: nothing,
    close: () => Promise.resolve(client.close()),
  };
}

async function unixClient(path: string): Promise<GoldenClient> {
  const client = await LineClient.connect(path);
  const heard = new Mailbox<string>();
  void pump(() => client.nextText(), heard);
  return {
    replies: heard,
    own: heard,
    say: (text) => Promise.resolve(client.send(text)),
    listen: nothing,
    close: () => Promise.resolve(void client.socket.destroy()),
  };
}

async function pump(next: () => Promise<string>, heard: Mailbox<string>): Promise<void> {
  try {
    for (;;) heard.push(await next());
  } catch (thrown) {
    heard.fail(thrown as Error);
  }
}

/** Over Streamable HTTP: a POST for each message, and a GET for what belongs to none. */
class PostingClient implements GoldenClient {
  readonly replies = new Mailbox<string>();
  readonly own = new Mailbox<string>();
  private session: Record<string, string> = {};
  private stream: IncomingMessage | undefined;

  constructor(
    private readonly endpoint: Endpoint,
    private readonly revision: string,
  ) {}

  async say(text: string): Promise<void> {
    const asked = /"method"/.test(text) && /"id"/.test(text);
    const answered = this.endpoint.open('POST', postOf(text, this.session)).then((response) => {
      const { statusCode, headers } = response;
      if (!asked && statusCode !== 202) throw new Error(`the message was answered ${statusCode}`);
      const id = headers['mcp-session-id'];
      if (typeof id === 'string') this.session = { 'mcp-session-id': id, 'mcp-protocol-version': this.revision };
      void this.read(response);
    });
    answered.catch((thrown: unknown) => this.replies.fail(thrown as Error));
    if (!asked) await answered;
  }

  async listen(): Promise<void> {
    const headers = { accept: 'text/event-stream', ...this.session };
    this.stream = await this.endpoint.open('GET', { headers });
    if (this.stream.statusCode !== 200) throw new Error(`the stream was answered ${this.stream.statusCode}`);
    void this.follow(this.stream, this.own);
  }

  async close(): Promise<void> {
    if (this.session['mcp-session-id']) await this.endpoint.http('DELETE', { headers: this.session });
    this.stream?.destroy();
  }

  private async read(response: IncomingMessage): Promise<void> {
    if (response.headers['content-type'] === 'text/event-stream') return this.follow(response, this.replies);
    let text = '';
    for await (const chunk of response) text += String(chunk);
    if (text !== '') this.replies.push(text);
  }

  private async follow(response: IncomingMessage, heard: Mailbox<string>): Promise<void> {
    const stream = new EventStream(response);
    try {
      for (;;) heard.push((await stream.message())['data']!);
    } catch {
      // All was said, or the client has left.
    }
  }
}
