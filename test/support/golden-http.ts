import { EventStream } from './golden-events.ts';
import type { GoldenMemory } from './golden-memory.ts';
import { postOf, type Endpoint, type HttpOptions } from './raw-clients.ts';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Of an event stream, undefined. */
  readonly text: string | undefined;
}

const FIELD = /^(id|event|retry|data)=(.*)$/;

/** HTTP as it is written in an exchange: what is asked, in what headers, and what is answered, event for event. */
export class GoldenHttp {
  private readonly answers: Promise<Answer>[] = [];
  /** By the name they were asked for with, `` for none: the latest of each. */
  private readonly streams = new Map<string, EventStream>();

  constructor(
    private readonly endpoint: Endpoint,
    private readonly memory: GoldenMemory,
  ) {}

  /** Whether that is how something is said here. */
  static says(how: string): boolean {
    return /^(L|GET|POST|DELETE|drop)\b/.test(how);
  }

  static hears(how: string): boolean {
    return /^(\d{3}|sse)\b/.test(how);
  }

  say(how: string, body: string): void {
    const [target = '', headers = ''] = this.memory.filled(how).split(' | ');
    const [, name = ''] = / as (\w+)$/.exec(target) ?? [];
    const [kind = '', ...words] = target.replace(/ as \w+$/, '').split(' ');
    if (kind === 'drop') return void this.streams.get(words[0] ?? '')?.response.destroy();
    const method = kind === 'L' ? 'POST' : kind;
    this.answers.push(this.ask(method, requestOf(kind, words, { body, headers: headersOf(headers) }), name));
  }

  async hear(how: string, said: string): Promise<void> {
    const [facts = '', headers = ''] = how.split(' | ');
    const words = facts.split(' ');
    if (words[0] !== 'sse') {
      const answer = await this.answers.shift()!;
      expect(answer.status).toBe(Number(words.shift()));
      for (const [name, value] of Object.entries(headersOf(headers)))
        this.memory.compareText(answer.headers[name.toLowerCase()], value, name);
      expect(answer.text === undefined ? 'sse' : undefined, 'kind of answer').toBe(words[0]);
      if (answer.text !== undefined) return this.memory.compare(answer.text, said);
    }
    await this.event(words.slice(1), said);
  }

  close(): void {
    for (const { response } of this.streams.values()) response.destroy();
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
  { body, headers }: { body: string; headers: Record<string, string> },
): HttpOptions {
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

/** `Name: value ; Name: value` */
function headersOf(text: string): Record<string, string> {
  const pairs = text.split(' ; ').filter((pair) => pair !== '');
  return Object.fromEntries(pairs.map((pair) => pair.split(/: (.*)/s, 2) as [string, string]));
}
