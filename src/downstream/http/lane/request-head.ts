import type { IncomingHttpHeaders } from 'node:http';

/** Bytes of a head that is read here; whoever sends more is for the other parser to judge. */
export const MAX_HEAD_BYTES = 8 * 1_024;
const MAX_HEADERS = 64;
/** More digits than any body that is taken. */
const LENGTH = /^\d{1,10}$/;
const REQUEST_LINE = /^POST (\/mcp(?:[/?][A-Za-z0-9\-._~/?=&+:@!$'()*,;%]*)?) HTTP\/1\.1$/;
const NAME = /^[a-z0-9-]+$/;
const UNPRINTABLE = /[^\x20-\x7e]/;
const EDGES = /^ +| +$/g;

/** Headers that change how a message or a connection is read, or that are kept as lists. */
const OTHERS: ReadonlySet<string> = new Set([
  'expect',
  'http2-settings',
  'proxy-connection',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The head of a plain POST to an MCP endpoint. */
export interface RequestHead {
  readonly url: string;
  /** As `IncomingMessage.headers`. Several requests may have the same. */
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** As `IncomingMessage.rawHeaders`. */
  readonly rawHeaders: readonly string[];
  /** Bytes of the body. */
  readonly length: number;
}

/**
 * Reads a head that can mean one thing only, whoever reads it: a POST to `/mcp` or below, one length, one host, no name
 * twice, nothing but printable ASCII, no way of framing but `Content-Length`. Undefined for any other.
 *
 * @param text without the empty line behind it
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-11.2
 */
export function readHead(text: string): RequestHead | undefined {
  const lines = text.split('\r\n');
  if (lines.length > MAX_HEADERS) return undefined;
  const url = REQUEST_LINE.exec(lines[0] as string)?.[1];
  if (url === undefined) return undefined;
  const headers: IncomingHttpHeaders = {};
  const rawHeaders: string[] = [];
  for (let index = 1; index < lines.length; index++) {
    if (!readField(lines[index] as string, headers, rawHeaders)) return undefined;
  }
  const { host, connection, 'content-length': length } = headers;
  if (host === undefined || length === undefined || !LENGTH.test(length)) return undefined;
  if (connection !== undefined && connection.toLowerCase() !== 'keep-alive') return undefined;
  return { url, headers: Object.freeze(headers), rawHeaders, length: Number(length) };
}

function readField(line: string, headers: IncomingHttpHeaders, rawHeaders: string[]): boolean {
  const colon = line.indexOf(':');
  const written = line.slice(0, Math.max(colon, 0));
  const name = written.toLowerCase();
  if (UNPRINTABLE.test(line) || !NAME.test(name) || OTHERS.has(name) || Object.hasOwn(headers, name)) return false;
  const value = line.slice(colon + 1).replace(EDGES, '');
  headers[name] = value;
  rawHeaders.push(written, value);
  return true;
}

/** The same head with another length. */
export function withLength(head: RequestHead, written: string): RequestHead {
  const rawHeaders = [...head.rawHeaders];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() === 'content-length') rawHeaders[at + 1] = written;
  }
  const headers = Object.freeze({ ...head.headers, 'content-length': written });
  return { url: head.url, headers, rawHeaders, length: Number(written) };
}
