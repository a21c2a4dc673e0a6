const START = '=?base64?';
const END = '?=';

/** What a field value holds as it is wherever it goes: visible ASCII, with spaces and tabs in between. */
const SAFE = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const AROUND = /^[\t ]+|[\t ]+$/g;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A text as the value of a header: as it is where a header can hold that, else in Base64 between marks.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 */
export function encodeHeader(text: string): string {
  const isPlain = SAFE.test(text) && !(text.startsWith(START) && text.endsWith(END));
  return isPlain ? text : `${START}${Buffer.from(text).toString('base64')}${END}`;
}

/** The text that the value of a header stands for. Undefined where what is between the marks is no Base64 of UTF-8. */
export function decodeHeader(value: string): string | undefined {
  const text = trimmed(value);
  if (!isMarked(text)) return text;
  const inside = text.slice(START.length, -END.length);
  if (!BASE64.test(inside)) return undefined;
  try {
    return UTF8.decode(Buffer.from(inside, 'base64'));
  } catch {
    return undefined;
  }
}

/** The value of a header without the white space that may stand around it. */
export function trimmed(value: string): string {
  return value.replaceAll(AROUND, '');
}

function isMarked(text: string): boolean {
  return text.length >= START.length + END.length && text.startsWith(START) && text.endsWith(END);
}
