import { isFieldName, isFieldValue } from './field-bytes.js';
import { Framing } from './framing.js';
import { ResponseFault } from './response-fault.js';

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const MAX_FIELDS = 200;

/** The lengths of the names that anybody wants to know. */
const LENGTHS = new Set(
  ['connection', 'keep-alive', 'content-type', 'content-length', 'mcp-session-id', 'transfer-encoding'].map(
    ({ length }) => length,
  ),
);

/**
 * Reads the head of a response: every line of it has to be right, also those that mean nothing here. A header that
 * goes on in another line is refused.
 *
 * @param text a character for each byte, up to the empty line that ends it
 * @throws ResponseFault
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-4
 */
export function readHead(text: string): Framing {
  const first = text.indexOf('\r\n');
  const [, minor, status] = STATUS_LINE.exec(text.slice(0, first)) ?? [];
  if (status === undefined) throw new ResponseFault('not a status line');
  const framing = new Framing(Number(status), minor === '0');
  readFields(text, first + 2, framing);
  framing.settle();
  return framing;
}

/** Who is told of the headers that mean anything. */
interface FieldListener {
  /** @param name in small letters */
  take(name: string, value: string): void;
}

/** Reads lines of headers up to the end of the text. @throws ResponseFault */
export function readFields(text: string, from: number, listener: FieldListener): void {
  let count = 0;
  for (let at = from; at < text.length; count++) {
    const end = text.indexOf('\r\n', at);
    const colon = text.indexOf(':', at);
    if (end < 0 || colon < 0 || colon > end || !isFieldName(text, at, colon) || !isFieldValue(text, colon + 1, end)) {
      throw new ResponseFault('not a header');
    }
    if (count === MAX_FIELDS) throw new ResponseFault('too many headers');
    if (LENGTHS.has(colon - at)) {
      listener.take(text.slice(at, colon).toLowerCase(), trimmed(text, colon + 1, end));
    }
    at = end + 2;
  }
}

/** Part of a text without the blanks and tabs around it: those of other alphabets belong to it. */
function trimmed(text: string, from: number, to: number): string {
  let [start, end] = [from, to];
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09;
}
