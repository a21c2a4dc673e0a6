import { type OutgoingHttpHeader, type OutgoingHttpHeaders, STATUS_CODES, validateHeaderValue } from 'node:http';

/** Headers of a response, as `ServerResponse.writeHead` takes them: by name, or names and values in turn. */
export type OwnHeaders = OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined;

/** What a header may be set to. */
export type HeaderValue = OutgoingHttpHeader | readonly string[];

/** How the body of a response is delimited, and what becomes of the connection. */
export interface Framing {
  /** Whether it comes in chunks. */
  chunked: boolean;
  /** Whether the connection ends with it. */
  last: boolean;
}

/** Header lines as text, and what of them says something about the framing. */
export class ResponseHead {
  private lines = '';
  private length = false;
  private connection: string | undefined;

  /** @throws TypeError (`ERR_INVALID_CHAR`) for a value that no header can have */
  add(name: string, value: HeaderValue | undefined): void {
    if (Array.isArray(value)) {
      for (const each of value) this.add(name, each);
      return;
    }
    const text = String(value);
    if (typeof value !== 'number') validateHeaderValue(name, text);
    this.lines += `${name}: ${text}\r\n`;
    const { length } = name;
    if (length === 14 && name.toLowerCase() === 'content-length') this.length = true;
    else if (length === 10 && name.toLowerCase() === 'connection') this.connection = text.toLowerCase();
  }

  /** Names and values in turn. */
  addFlat(flat: readonly OutgoingHttpHeader[]): void {
    for (let at = 0; at < flat.length; at += 2) this.add(String(flat[at]), flat[at + 1]);
  }

  /**
   * The whole head, in the words and the order of `ServerResponse`.
   *
   * @param keepAlive header lines that go with a connection that is kept
   * @param framing is told what follows from it
   */
  text(status: number, date: string, keepAlive: string | undefined, framing: Framing): string {
    let end = date;
    if (this.connection !== undefined) framing.last = this.connection.includes('close');
    else if (keepAlive === undefined) end += 'Connection: close\r\n';
    else end += keepAlive;
    framing.last ||= keepAlive === undefined;
    const hasBody = status !== 204 && status !== 304;
    framing.chunked = hasBody && !this.length;
    if (framing.chunked) end += 'Transfer-Encoding: chunked\r\n';
    return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n${this.lines}${end}\r\n`;
  }
}

/** Names and values in turn, whichever way they were given. */
export function flatOf(headers: OwnHeaders): readonly OutgoingHttpHeader[] {
  if (headers === undefined) return [];
  return Array.isArray(headers) ? headers : (Object.entries(headers).flat() as OutgoingHttpHeader[]);
}

let second = 0;
let line = '';

/** The `Date` header of this second, with its line end. */
export function dateLine(): string {
  const now = Math.floor(Date.now() / 1_000);
  if (now !== second) {
    second = now;
    line = `Date: ${new Date(now * 1_000).toUTCString()}\r\n`;
  }
  return line;
}
