const NAME = 1;
const VALUE = 2;

/** What each byte may stand in. */
const KINDS = kinds();

/** Whether this part of a text, with a character for each byte, is the name of a header (RFC 9110, 5.6.2). */
export function isFieldName(text: string, from: number, to: number): boolean {
  return to > from && consistsOf(NAME, text, from, to);
}

/** Whether this part of a text may be the value of a header, obsolete bytes among it (RFC 9110, 5.5). */
export function isFieldValue(text: string, from: number, to: number): boolean {
  return consistsOf(VALUE, text, from, to);
}

function consistsOf(kind: number, text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    // Beyond the table there is nothing, and nothing is of no kind.
    if (((KINDS[text.charCodeAt(at)] ?? 0) & kind) === 0) return false;
  }
  return true;
}

function kinds(): Uint8Array {
  const table = new Uint8Array(256);
  for (let byte = 0x20; byte < 0x100; byte++) if (byte !== 0x7f) table[byte] = VALUE;
  table[0x09] = VALUE;
  const token = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  for (let at = 0; at < token.length; at++) table[token.charCodeAt(at)] = NAME | VALUE;
  return table;
}
