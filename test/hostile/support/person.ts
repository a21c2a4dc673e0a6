import { headersOf, listen, modern } from '../../support/modern.ts';
import { askModern, ModernStream } from '../../support/modern-raw-clients.ts';
import { eventsOf, initialize, request, type Endpoint, type Json } from '../../support/raw-clients.ts';
import { SseClient } from '../../support/sse-client.ts';

/** The ways in which a credential can be shown. */
export const WAYS = ['websocket', 'streamable_http', 'sse', 'modern websocket', 'modern http'] as const;
export type Way = (typeof WAYS)[number];

export interface Answered {
  /** Of the response that holds the reply; undefined where that comes on a connection of its own. */
  readonly status: number | undefined;
  readonly reply: Json;
}

/** Somebody with a credential who asks in one of these ways, and hears of lists that change. */
export interface Person {
  readonly isModern: boolean;
  ask(method: string, params?: Json): Promise<Answered>;
  /** What nobody asked for, in order. */
  told(): readonly Json[];
  close(): void;
}

const CHANGES = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };
const isReply = (message: Json): boolean => 'id' in message && !('method' in message);

/** @param pass headers that let this person in */
export function come(endpoint: Endpoint, way: Way, pass: Record<string, string>): Promise<Person> {
  if (way === 'sse') return overStream(endpoint, pass);
  if (way === 'streamable_http') return overHttp(endpoint, pass);
  if (way === 'modern http') return overModernHttp(endpoint, pass);
  return overSocket(endpoint, pass, way === 'modern websocket');
}

/** Tells replies from what nobody asked for, on a connection where both come. */
class Correspondence {
  readonly told: Json[] = [];
  private readonly waiting = new Map<unknown, (reply: Json) => void>();

  /** @param next rejects when nothing comes any more */
  async follow(next: () => Promise<Json>): Promise<void> {
    for (;;) this.take(await next());
  }

  reply(id: unknown): Promise<Json> {
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }

  private take(message: Json): void {
    if (isReply(message)) this.waiting.get(message['id'])?.(message);
    else this.told.push(message);
  }
}

async function overSocket(endpoint: Endpoint, headers: Record<string, string>, isModern: boolean): Promise<Person> {
  const client = await endpoint.connect('/mcp', { headers });
  const post = new Correspondence();
  void post.follow(() => client.next());
  let id = 0;
  const ask = async (message: Json): Promise<Answered> => {
    const reply = post.reply(message['id']);
    client.send(message);
    return { status: undefined, reply: await reply };
  };
  if (isModern) client.send(listen('listen', CHANGES));
  else await ask(initialize('2025-11-25', ++id));
  return {
    isModern,
    ask: (method, params) => ask(isModern ? modern(method, ++id, params) : request(method, ++id, params)),
    told: () => post.told,
    close: () => client.socket.terminate(),
  };
}

async function overStream(endpoint: Endpoint, headers: Record<string, string>): Promise<Person> {
  const client = await SseClient.open(endpoint, '/sse', headers);
  const post = new Correspondence();
  post.follow(() => client.next()).catch(() => undefined);
  let id = 0;
  const ask = async (message: Json): Promise<Answered> => {
    const reply = post.reply(message['id']);
    const { status } = await client.post(message);
    return { status, reply: await reply };
  };
  await ask(initialize('2025-11-25', ++id));
  return {
    isModern: false,
    ask: (method, params) => ask(request(method, ++id, params)),
    told: () => post.told,
    close: () => client.close(),
  };
}

async function overHttp(endpoint: Endpoint, pass: Record<string, string>): Promise<Person> {
  const opened = await endpoint.post(initialize(), pass);
  const session = {
    ...pass,
    'mcp-session-id': String(opened.headers['mcp-session-id']),
    'mcp-protocol-version': '2025-11-25',
  };
  const stream = await endpoint.open('GET', { headers: { ...session, accept: 'text/event-stream' } });
  let heard = '';
  stream.on('data', (chunk) => (heard += String(chunk))).on('error', () => undefined);
  let id = 0;
  return {
    isModern: false,
    ask: async (method, params) => {
      const { status, text } = await endpoint.post(request(method, ++id, params), session);
      const messages = text.startsWith('{') ? [JSON.parse(text) as Json] : eventsOf(text);
      return { status, reply: messages.find(isReply) ?? {} };
    },
    told: () => eventsOf(heard.slice(0, heard.lastIndexOf('\n\n') + 1)),
    close: () => void stream.destroy(),
  };
}

async function overModernHttp(endpoint: Endpoint, pass: Record<string, string>): Promise<Person> {
  const stream = await ModernStream.open(endpoint, listen('listen', CHANGES), pass);
  let id = 0;
  return {
    isModern: true,
    ask: async (method, params) => {
      const message = modern(method, ++id, params);
      return askModern(endpoint, message, { ...headersOf(message), ...pass });
    },
    told: () => stream.rest,
    close: () => stream.close(),
  };
}
