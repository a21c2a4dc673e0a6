import type { ServerSettings } from '../../server-settings.js';
import type { Headers, HttpSession } from './http-session.js';
import type { SessionRefusal } from './session-refusal.js';

/** Statuses that modern servers give to replies: beside those that are fine, errors of the request and of its method. */
const OF_REPLIES = new Set([200, 400, 404]);

/**
 * No session at all: each request says for itself what there is to say, and whatever ids a server hands out are of
 * no interest.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 */
export class StatelessSession implements HttpSession {
  readonly exists = false;
  readonly resumes = false;
  readonly post: Headers;
  readonly get: Headers;

  constructor({ headers }: Pick<ServerSettings, 'headers'>) {
    const common = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    this.get = common;
    this.post = { ...common, accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
  }

  brings(status: number): boolean {
    return OF_REPLIES.has(status);
  }

  refusal(): SessionRefusal | undefined {
    return undefined;
  }

  adopt(): void {
    // What a server keeps for itself is nothing that we have to repeat.
  }

  negotiated(): void {
    // Every request says what it is written in.
  }
}
