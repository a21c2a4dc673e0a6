import type { IncomingHttpHeaders } from 'node:http';

import { Pool } from 'undici';

import { type Dialer, INITIALIZE, INITIALIZED, type Line, type Listener, PROTOCOL_VERSION } from './line.ts';
import { messagesOf } from './messages.ts';

const HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'mcp-protocol-version': PROTOCOL_VERSION,
};

interface Request {
  readonly method: 'POST' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Where lines lead to, and what everybody says there. */
interface Place {
  readonly pool: Pool;
  readonly path: string;
  readonly common: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Dials over Streamable HTTP: the lines share a pool of connections, one for each of them. */
export function httpDialer(
  { origin, pathname }: URL,
  connections: number,
  pass: Readonly<Record<string, string>>,
): Dialer {
  const common = { ...HEADERS, ...pass };
  const pool = new Pool(origin, { connections, pipelining: 1, keepAliveTimeout: 60_000 });
  return { open: (listener) => open({ pool, path: pathname, common }, listener), close: () => pool.close() };
}

/** A client in a session of its own, if the server gives it one. */
async function open({ pool, path, common }: Place, listener: Listener): Promise<Line> {
  const { headers: given } = await answered(pool, { method: 'POST', path, headers: common, body: INITIALIZE });
  const sessionId = given['mcp-session-id'];
  const headers = typeof sessionId === 'string' ? { ...common, 'mcp-session-id': sessionId } : common;
  await answered(pool, { method: 'POST', path, headers, body: INITIALIZED });

  const hear = ({ status, headers, body }: Answer) => {
    if (status !== 200) return listener.fault(`status ${status}: ${body}`);
    for (const message of messagesOf(headers['content-type'], body)) listener.message(message);
  };
  const fail = (error: Error) => listener.fault(error.message);

  return {
    send: (body) => dispatch(pool, { method: 'POST', path, headers, body }, hear, fail),
    close() {
      if (headers !== common) dispatch(pool, { method: 'DELETE', path, headers }, ignore, ignore);
    },
  };
}

async function answered(pool: Pool, request: Request): Promise<Answer> {
  const answer = await new Promise<Answer>((resolve, reject) => dispatch(pool, request, resolve, reject));
  if (answer.status >= 300) throw new Error(`status ${answer.status}: ${answer.body}`);
  return answer;
}

function ignore(): void {}

function dispatch(
  pool: Pool,
  request: Request,
  onAnswer: (answer: Answer) => void,
  onError: (error: Error) => void,
): void {
  let status = 0;
  let headers: IncomingHttpHeaders = {};
  let body = '';

  pool.dispatch(request, {
    // Tells undici that this is a handler of its current kind.
    onRequestStart() {},
    onResponseStart(_controller, statusCode, responseHeaders) {
      status = statusCode;
      headers = responseHeaders;
    },
    onResponseData(_controller, chunk) {
      body += chunk.toString();
    },
    onResponseEnd: () => onAnswer({ status, headers, body }),
    onResponseError: (_controller, error) => onError(error),
  });
}
