import { GatewayError } from '../../core/errors.js';
import type { Span } from '../../core/json.js';
import type { McpRequest, ParamSpans } from '../../core/message.js';
import { COMMA, members, OPEN_BRACE, QUOTE, skipSpace, skipValue, valuesOf } from '../../core/walk.js';

/** What decides about a request, in small letters, with how it is written. */
const SPELLED = ['name', 'uri', 'ref', 'arguments', 'type'] as const;
type Spelled = (typeof SPELLED)[number];

const BYTES: readonly (readonly number[])[] = SPELLED.map((key) => [...Buffer.from(key)]);
const BACKSLASH = 0x5c;
const LAST_OF_ASCII = 0x7f;
/** The bit by which a small letter differs from its capital; it makes no other byte a letter. */
const SMALL = 0x20;

/**
 * Refuses params that say in another case once more what was judged: there are servers that do not tell the cases
 * apart, and would do something else than what is allowed.
 *
 * @throws `protocol_invalid_params`
 */
export function checkSpelling({ params, method }: McpRequest): void {
  if (!params) return;
  check(params.bytes, 0, params.spans);
  if (method !== 'completion/complete') return;
  for (const [at] of valuesOf(params.bytes, 'ref')) check(params.bytes, at);
}

/**
 * Compares keys as bytes, which costs next to nothing. Where one is not plain ASCII they are all read as text.
 *
 * @param spans where values end that may be long
 */
function check(bytes: Buffer, at: number, spans?: ParamSpans): void {
  let next = skipSpace(bytes, at);
  if (bytes[next] !== OPEN_BRACE) return;
  next = skipSpace(bytes, next + 1);
  let seen = 0;
  while (bytes[next] === QUOTE) {
    const start = next + 1;
    const end = endOfKey(bytes, start);
    if (end < 0) return checkTexts(bytes, at);
    const key = spelledLike(bytes, start, end);
    if (key >= 0) {
      if ((seen & (1 << key)) !== 0 || !isSmall(bytes, start, end)) throw misspelled(SPELLED[key] as Spelled);
      seen |= 1 << key;
    }
    const value = skipSpace(bytes, skipSpace(bytes, end + 1) + 1);
    next = skipSpace(bytes, endOfValue(bytes, value, key, spans));
    if (bytes[next] === COMMA) next = skipSpace(bytes, next + 1);
  }
}

/** Where the quote stands that ends a key; -1 where it has escapes, or letters beyond ASCII. */
function endOfKey(bytes: Buffer, start: number): number {
  let end = start;
  for (let byte = bytes[end]; byte !== QUOTE; byte = bytes[++end]) {
    if (byte === undefined || byte === BACKSLASH || byte > LAST_OF_ASCII) return -1;
  }
  return end;
}

/** Which of `SPELLED` a key is, in whatever case; -1 where it is none. */
function spelledLike(bytes: Buffer, start: number, end: number): number {
  for (let which = 0; which < BYTES.length; which++) {
    const word = BYTES[which] as readonly number[];
    if (word.length === end - start && isLike(bytes, start, word)) return which;
  }
  return -1;
}

function isLike(bytes: Buffer, start: number, word: readonly number[]): boolean {
  for (let at = 0; at < word.length; at++) {
    if (((bytes[start + at] as number) | SMALL) !== word[at]) return false;
  }
  return true;
}

function isSmall(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (((bytes[at] as number) & SMALL) === 0) return false;
  return true;
}

/** What is long is not read again where it is known already. */
function endOfValue(bytes: Buffer, start: number, key: number, spans: ParamSpans | undefined): number {
  const known = spans && knownSpan(spans, SPELLED[key]);
  return known?.[0] === start ? known[1] : skipValue(bytes, start);
}

function knownSpan(spans: ParamSpans, key: Spelled | undefined): Span | undefined {
  if (key === 'name' || key === 'uri' || key === 'arguments') return spans[key];
  // Of all others it is the one that may be long, and that every modern request has.
  return key === undefined ? spans.meta : undefined;
}

function checkTexts(bytes: Buffer, at: number): void {
  const seen = new Set<string>();
  for (const { key } of members(bytes, at)) {
    const folded = foldedCase(key);
    const spelled = SPELLED.find((each) => each === folded);
    if (spelled === undefined) continue;
    if (key !== spelled || seen.has(key)) throw misspelled(spelled);
    seen.add(key);
  }
}

/** A key as those read it to whom cases are one: the long s is an S to Go's `encoding/json`. */
function foldedCase(key: string): string {
  return key.replaceAll('\u017f', 's').toLowerCase();
}

function misspelled(key: Spelled): GatewayError {
  return new GatewayError('protocol_invalid_params', `params must have "${key}" once, in small letters`);
}
