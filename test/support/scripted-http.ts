import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

import type { Json } from './raw-clients.ts';
import { ScriptedSession, singleVoice } from './scripted-session.ts';

const EVENTS = { 'content-type': 'text/event-stream' };

/** A session of Streamable HTTP: each request on its own response, the rest on the stream of a GET. */
export class PostedSession {
  readonly session: ScriptedSession;
  /** Requests whose responses are open, by id as it is written; the latest is last. */
  private readonly asked = new Map<string, ServerResponse>();
  private own: ServerResponse | undefined;
  /** What is to be said on a stream that nobody has opened yet. */
  private readonly unsaid: string[] = [];

  readonly id: string;

  constructor(id: string) {
    this.id = id;
    this.session = new ScriptedSession({
      say: (text, about) => this.say(text, about),
      sayOwn: (text) => this.sayOwn(text),
      refuse: (status, about) => this.refuse(status, about),
      drop: () => this.own?.destroy(),
      event: (fields, data) => {
        const lines = fields.map((field) => field.replace('=', ': '));
        this.begun(this.responseFor(undefined)).write(`${lines.join('\n')}\ndata: ${data}\n\n`);
      },
      end: () => this.responseFor(undefined).end(),
    });
  }

  /** A message has come: what is no request is accepted at once. */
  heard(text: string, response: ServerResponse): void {
    const { id, method } = JSON.parse(text) as Json;
    if (id === undefined || method === undefined) return void response.writeHead(202).end();
    response.setHeader('mcp-session-id', this.id);
    this.asked.set(JSON.stringify(id), response);
  }

  /** A stream was asked for: the session's own, or that of the latest request, to go on with. */
  stream(response: ServerResponse, headers: IncomingHttpHeaders): void {
    if (headers['last-event-id'] !== undefined) {
      this.asked.set([...this.asked.keys()].at(-1)!, this.begun(response));
      return this.session.inbox.push({ text: '', headers });
    }
    this.own = response.writeHead(200, EVENTS);
    response.write(':\n\n');
    for (const text of this.unsaid.splice(0)) this.sayOwn(text);
  }

  /** A reply is plain JSON, unless something was said before it. */
  private say(text: string, about: unknown): void {
    const response = this.responseFor(about);
    if (about === undefined) return void this.begun(response).write(`data: ${text}\n\n`);
    this.asked.delete(JSON.stringify(about));
    if (response.headersSent) response.end(`data: ${text}\n\n`);
    else response.writeHead(200, { 'content-type': 'application/json' }).end(text);
  }

  private begun(response: ServerResponse): ServerResponse {
    if (!response.headersSent) response.writeHead(200, EVENTS).flushHeaders();
    return response;
  }

  private sayOwn(text: string): void {
    if (this.own) this.own.write(`data: ${text}\n\n`);
    else this.unsaid.push(text);
  }

  private refuse(status: number, about: unknown): void {
    if (status === 404) this.session.ended = true;
    this.responseFor(about).writeHead(status).end();
  }

  private responseFor(about: unknown): ServerResponse {
    const response = about === undefined ? [...this.asked.values()].at(-1) : this.asked.get(JSON.stringify(about));
    if (!response) throw new Error(`no request waits for ${JSON.stringify(about)}`);
    return response;
  }
}

/** A session of HTTP+SSE: everything is said on its stream. */
export function streamedSession(response: ServerResponse): ScriptedSession {
  response.writeHead(200, EVENTS);
  const say = (text: string): void => void response.write(`event: message\ndata: ${text}\n\n`);
  const session = new ScriptedSession(singleVoice(say, () => response.destroy()));
  response.on('close', () => void (session.ended = true));
  return session;
}

export async function textOfBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
