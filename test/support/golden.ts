import type { IncomingMessage } from 'node:http';

import { postOf, type Endpoint, type HttpAnswer, type Json, type WsClient } from './raw-clients.js';
import type { ScriptedUpstream } from './scripted-upstream.ts';

/** `C> [L 2025-11-25 «T»] {…}`: who speaks, how it travels, what is said. */
interface Line {
  readonly speaker: 'C>' | 'G<' | 'G>' | 'U<';
  readonly how: string;
  readonly said: string;
}

const LINE = /^(C>|G<|G>|U<) \[([^\]]*)\] (.*)$/;
const OPAQUE = /^«(.+)»$/;

/**
 * Plays an exchange that is written down line by line, and compares what the gateway says with what is
 * written, member for member.
 *
 * Marks: `C>` the client says, `G<` the gateway answers it, `G>` the gateway says to the upstream server, `U<`
 * that one answers. In brackets: `ws` (or `ws A` for one of several connections), `L revision session` for a POST
 * (`-` leaves a header out), `DELETE session`; of answers the status, `sse` for a message of an event stream,
 * `| header: value`. `∅` is an empty body. A string `«x»` stands for a value that is remembered under that name, or
 * has to be the one remembered. Messages of errors are free, and `data.reason` may be there or not.
 */
export class Golden {
  private readonly known = new Map<string, unknown>();
  private readonly sockets = new Map<string, WsClient>();
  private readonly answers: Promise<HttpAnswer>[] = [];
  private stream: EventStream | undefined;

  constructor(
    private readonly gateway: Endpoint,
    private readonly upstream: ScriptedUpstream,
  ) {}

  async play(text: string): Promise<void> {
    const lines = text.split('\n').map((line) => line.trim());
    for (const line of lines.filter((line) => line !== '' && !line.startsWith('#'))) {
      try {
        await this.step(parse(line));
      } catch (thrown) {
        throw new Error(`at ${line}`, { cause: thrown });
      }
    }
    for (const socket of this.sockets.values()) socket.socket.close();
  }

  private async step(line: Line): Promise<void> {
    if (line.speaker === 'C>') await this.clientSays(line);
    else if (line.speaker === 'G<') await this.clientHears(line);
    else if (line.speaker === 'G>') await this.upstreamHears(line);
    else this.upstream.say(this.filled(line.said));
  }

  private async clientSays({ how, said }: Line): Promise<void> {
    const [kind = '', ...words] = how.split(' ');
    const body = this.filled(said);
    if (kind === 'ws') {
      const socket = await this.socket(how);
      if (words.at(-1) === 'binary') socket.socket.send(Buffer.from('{}'), { binary: true });
      else socket.send(body);
      return;
    }
    const [revision = '-', session = '-'] = kind === 'DELETE' ? ['-', ...words] : words;
    const headers = {
      ...(revision !== '-' && { 'mcp-protocol-version': revision }),
      ...(session !== '-' && { 'mcp-session-id': this.filled(session) }),
    };
    this.stream = undefined;
    if (kind === 'DELETE') this.answers.push(this.gateway.http('DELETE', { headers }));
    else this.post(body, headers);
  }

  private post(body: string, headers: Json): void {
    const response = this.gateway.open('POST', postOf(body, headers));
    this.answers.push(
      response.then(async (response) => {
        const { statusCode = 0, headers } = response;
        const isStream = headers['content-type'] === 'text/event-stream';
        if (isStream) this.stream = new EventStream(response);
        const text = isStream ? await this.stream!.next() : await wholeOf(response);
        return { status: statusCode, headers, text, json: text === '' ? {} : (JSON.parse(text) as Json) };
      }),
    );
  }

  private async clientHears({ how, said }: Line): Promise<void> {
    if (how.startsWith('ws')) return this.socketHears(how, said);
    if (how === 'sse') return this.compare(await this.stream!.next(), said);
    const [facts = '', header] = how.split(' | ');
    const answer = await this.answers.shift()!;
    expect(`${answer.status}${this.stream ? ' sse' : ''}`).toBe(facts);
    if (header !== undefined) {
      const [name = '', value = ''] = header.split(': ');
      this.match(answer.headers[name.toLowerCase()], value, name);
    }
    this.compare(answer.text, said);
  }

  private async socketHears(how: string, said: string): Promise<void> {
    const [, closed] = / close (\d+)$/.exec(how) ?? [];
    const socket = await this.socket(how);
    if (closed !== undefined) expect(await socket.closed).toBe(Number(closed));
    else this.compare(await socket.nextText(), said);
  }

  private async upstreamHears({ said }: Line): Promise<void> {
    const heard = await this.upstream.next();
    this.compare(heard.text, said);
  }

  /** Connects when it is first named. */
  private async socket(how: string): Promise<WsClient> {
    const [, name = ''] = /^ws( [A-Z])?/.exec(how) ?? [];
    const known = this.sockets.get(name);
    if (known) return known;
    const opened = await this.gateway.introduced();
    this.sockets.set(name, opened);
    return opened;
  }

  private filled(text: string): string {
    return text
      .replaceAll(/"«([^»]+)»"/g, (_, name: string) => JSON.stringify(this.known.get(name)))
      .replaceAll(/«([^»]+)»/g, (_, name: string) => String(this.known.get(name)));
  }

  private compare(actual: string, expected: string): void {
    if (expected === '∅') expect(actual).toBe('');
    else this.match(JSON.parse(actual), JSON.parse(expected), '$');
  }

  private match(actual: unknown, expected: unknown, path: string): void {
    const [, name] = (typeof expected === 'string' && OPAQUE.exec(expected)) || [];
    if (name !== undefined) {
      if (!this.known.has(name)) this.known.set(name, actual);
      expect(actual, path).toEqual(this.known.get(name));
      expect(actual, path).toBeDefined();
    } else if (Array.isArray(expected)) {
      expect(actual, path).toHaveLength(expected.length);
      for (const [index, item] of expected.entries())
        this.match((actual as unknown[])[index], item, `${path}[${index}]`);
    } else if (typeof expected === 'object' && expected !== null) {
      this.matchObject(actual as Json, expected as Json, path);
    } else {
      expect(actual, path).toBe(expected);
    }
  }

  private matchObject(actual: Json, expected: Json, path: string): void {
    const isFree = (key: string): boolean =>
      (path.endsWith('.error') && key === 'message') || (path.endsWith('.error.data') && key === 'reason');
    const isOwnData = path.endsWith('.error') && expected['data'] === undefined;
    const free = isOwnData ? { data: undefined } : {};
    const known = (value: Json): string[] => Object.keys(value).filter((key) => !isFree(key) && !(key in free));
    expect(known(actual).toSorted(), path).toEqual(known(expected).toSorted());
    for (const key of known(expected)) this.match(actual[key], expected[key], `${path}.${key}`);
  }
}

/** The messages of an event stream, as they come. */
class EventStream {
  private readonly lines: AsyncIterator<string>;

  constructor(response: IncomingMessage) {
    this.lines = dataOf(response);
  }

  async next(): Promise<string> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error('the stream has ended');
    return value;
  }
}

async function* dataOf(response: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of response) {
    const lines = `${rest}${String(chunk)}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('data: ')) yield line.slice(6);
  }
}

async function wholeOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return text;
}

function parse(text: string): Line {
  const [, speaker, how = '', said = ''] = LINE.exec(text) ?? [];
  if (speaker === undefined) throw new Error('not a line of an exchange');
  return { speaker: speaker as Line['speaker'], how, said };
}
