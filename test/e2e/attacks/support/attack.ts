import type { Mode } from './mode.ts';

/** What one attack is answered. */
export interface Answer {
  /** Of all responses, in their order; 0 where the connection is closed without one. */
  readonly statuses: readonly number[];
  /** The JSON-RPC code in the last body. */
  readonly code?: number;
  /** What stands in it. */
  readonly says?: RegExp;
  /** With which a WebSocket is closed. */
  readonly closes?: number | undefined;
}

/** One input that is meant to do harm, and what exactly it is answered. */
export interface Attack {
  /** Of the table of threats: `T31`. */
  readonly row: string;
  readonly what: string;
  /** @param pass lines of headers that let a request in */
  readonly send: (pass: string, mode: Mode) => string | Buffer;
  readonly expected: Answer | ((mode: Mode) => Answer);
}

/** An answer of a status alone. */
export function status(...statuses: number[]): Answer {
  return { statuses };
}

/** An answer of one status with an error of that code. */
export function error(code: number, of: number): Answer {
  return { statuses: [of], code };
}

const HOST = 'Host: localhost\r\n';
const CLOSE = 'Connection: close\r\n';

/** A whole request over a connection that is closed behind it. @param headers lines, each with its end */
export function request(line: string, headers: string, body: string | Buffer = ''): Buffer {
  const length = Buffer.byteLength(body) > 0 ? `Content-Length: ${Buffer.byteLength(body)}\r\n` : '';
  const host = /^host:/im.test(headers) ? '' : HOST;
  return Buffer.concat([
    Buffer.from(`${line} HTTP/1.1\r\n${host}${CLOSE}${headers}${length}\r\n`, 'latin1'),
    Buffer.from(body),
  ]);
}

const JSON_BODY = 'Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n';

/** A message, posted. */
export function post(headers: string, body: string | Buffer, path = '/mcp'): Buffer {
  return request(`POST ${path}`, `${JSON_BODY}${headers}`, body);
}
