import { EventStream } from './golden-events.ts';
import type { GoldenMemory } from './golden-memory.ts';
import { MODERN } from './modern.ts';
import { postOf, type Endpoint, type HttpOptions } from './raw-clients.ts';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Of an event stream, undefined. */
  readonly text: string | undefined;
}

/** A request whose answer nobody has heard. */
interface Asked {
  readonly name: string;
  readonly stop: AbortController;
  readonly answer: Promise<Answer>;
}

const FIELD = /^(id|event|retry|data)=(.*)$/;

/** HTTP as it is written in an exchange: what is asked, in what headers, and what is answered, event for event. */
export class GoldenHttp {
  private readonly asked: Asked[] = [];
  /** By the name they were asked for with, `` for none: the latest of each. */
  private readonly streams = new Map<string, EventStream>();

  constructor(
    private readonly endpoint: Endpoint,
    private readonly memory: GoldenMemory,
  ) {}

  /** Whether that is how something is said here. */
  static says(how: string): boolean {
    return /^(L|M|GET|POST|DELETE|drop)\b/.test(how);
  }

  static hears(how: string): boolean {
    return /^(\d{3}|sse)\b/.test(how);
  }

  say(how: string, body: string): void {
    const [target = '', headers = ''] = this.memory.filled(how).split(' | ');
    const [, name = ''] = / as (\w+)$/.exec(target) ?? [];
    const [kind = '', ...words] = target.replace(/ as \w+$/, '').split(' ');
    if (kind === 'drop') return this.drop(words[0] ?? '');
    const method = kind === 'L' || kind === 'M' ? 'POST' : kind;
    const options = requestOf(kind, words, { body, headers: headersIn(headers) });
    const stop = new AbortController();
    this.asked.push({ name, stop, answer: this.ask(method, { ...options, signal: stop.signal }, name) });
  }

  async hear(how: string, said: string): Promise<void> {
    const [facts = '', headers = ''] = how.split(' | ');
    const words = facts.split(' ');
    if (words[0] !== 'sse') {
      const answer = await this.asked.shift()!.answer;
      expect(answer.status).toBe(Number(words.shift()));
      for (const [name, value] of Object.entries(headersIn(headers))) this.headerIs(answer, name, value);
      expect(answer.text === undefined ? 'sse' : undefined, 'kind of answer').toBe(words[0]);
      if (answer.text !== undefined) return this.memory.compare(answer.text, said);
    }
    await this.event(words.slice(1), said);
  }

  close(): void {
    for (const { response } of this.streams.values()) response.destroy();
  }

  /** One without a value must not be there. */
  private headerIs({ headers }: Answer, name: string, value: string | readonly string[] | undefined): void {
    const actual = headers[name.toLowerCase()];
    if (value === undefined) expect(actual, name).toBeUndefined();
    else this.memory.compareText(actual, String(value), name);
  }

  /** Breaks its stream; of a request that is not answered yet, its connection. */
  private drop(name: string): void {
    const stream = this.streams.get(name);
    if (stream) return void stream.response.destroy();
    const at = this.asked.findIndex((asked) => asked.name === name);
    if (at < 0) throw new Error(`nobody asked as ${name}`);
    for (const { stop, answer } of this.asked.splice(at, 1)) {
      answer.catch(() => undefined);
      stop.abort();
    }
  }

  private async ask(method: string, options: HttpOptions, name: string): Promise<Answer> {
    const response = await this.endpoint.open(method, options);
    const { statusCode: status = 0, headers } = response;
    if (headers['content-type'] === 'text/event-stream') {
      this.streams.set(name, new EventStream(response));
      return { status, headers, text: undefined };
    }
    let text = '';
    for await (const chunk of response) text += String(chunk);
    return { status, headers, text };
  }

  /** Where fields are written, the very next event; otherwise the next one with a message. */
  private async event(words: string[], said: string): Promise<void> {
    const name = words.find((word) => !FIELD.test(word)) ?? '';
    const fields = words.map((word) => FIELD.exec(word)).filter((field) => field !== null);
    const stream = this.streams.get(name)!;
    if (said === 'ends') return expect(stream.events.next()).rejects.toThrow('ended');
    const event = await (fields.length > 0 ? stream.events.next() : stream.message());
    for (const [, field = '', value = ''] of fields) this.memory.compareText(event[field], value, field);
    if (!fields.some(([, field]) => field === 'data')) this.memory.compare(event['data'] ?? '', said);
  }
}

function requestOf(
  kind: string,
  words: readonly string[],
  { body, headers }: { body: string; headers: Headers },
): HttpOptions {
  if (kind === 'M') return modernPost(words, body, headers);
  const [path, session] = words;
  if (kind === 'DELETE') return { headers: { 'mcp-session-id': path!, ...headers } };
  if (kind === 'GET') return { path: path!, headers: { accept: 'text/event-stream', ...headers } };
  if (kind === 'POST') return { path: path!, ...postOf(body, headers) };
  return postOf(body, {
    ...(path !== '-' && { 'mcp-protocol-version': path }),
    ...(session !== '-' && { 'mcp-session-id': session }),
    ...headers,
  });
}

/** The words are method and name, after the path if it is another than usual. Headers that are written replace others. */
function modernPost(words: readonly string[], body: string, headers: Headers): HttpOptions {
  const [path, method, name] = words[0]?.startsWith('/') ? words : ['/mcp', ...words];
  const usual = { 'MCP-Protocol-Version': MODERN, 'Mcp-Method': method, 'Mcp-Name': name };
  const post = postOf(body, usual);
  const written = new Set(Object.keys(headers).map((each) => each.toLowerCase()));
  const kept = Object.entries(post.headers).filter(([each]) => !written.has(each.toLowerCase()));
  const own = Object.entries(headers).filter(([, value]) => value !== undefined);
  return { path: path!, body, headers: Object.fromEntries([...kept, ...own]) as NonNullable<HttpOptions['headers']> };
}

/** A name that is written twice has two values, one that is written with `-` none. */
type Headers = Record<string, string | string[] | undefined>;

/** `Name: value ; Name: value ; -Name` */
export function headersIn(text: string): Headers {
  const headers: Headers = {};
  for (const pair of text.split(' ; ').filter((pair) => pair !== '')) {
    const [name = '', value = ''] = pair.split(/: (.*)/s, 2);
    const before = headers[name];
    if (pair.startsWith('-')) headers[pair.slice(1)] = undefined;
    else headers[name] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}
