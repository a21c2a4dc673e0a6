import type { Span } from './json.js';

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
export const CLOSE_BRACKET = 0x5d;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
const SPACE = 0x20;
const START = Buffer.from('{');
const SEPARATOR = Buffer.from(',');
const END = Buffer.from('}');

/** One member of an object: its key as text, and where its value stands. */
export interface Member {
  readonly key: string;
  readonly value: Span;
  /** From the first byte of the key on. */
  readonly whole: Span;
}

/**
 * The members of the object that begins at `at`, repeated ones included; none when something else stands there.
 * Like everything here it takes the bytes to be valid JSON and builds no values.
 */
export function members(bytes: Buffer, at = 0): Member[] {
  const found: Member[] = [];
  let next = skipSpace(bytes, at);
  if (bytes[next] !== OPEN_BRACE) return found;
  next = skipSpace(bytes, next + 1);
  while (bytes[next] === QUOTE) {
    const keyEnd = skipString(bytes, next);
    const start = skipSpace(bytes, skipSpace(bytes, keyEnd) + 1);
    const end = skipValue(bytes, start);
    found.push({ key: textOf(bytes, next, keyEnd), value: [start, end], whole: [next, end] });
    next = skipSeparator(bytes, end);
  }
  return found;
}

/**
 * An object of members as they stand in the bytes that they were found in.
 *
 * @param ours members that come first, without braces; empty for none
 */
export function objectOf(bytes: Buffer, kept: readonly Member[], ours = ''): Buffer {
  const parts: Buffer[] = ours === '' ? [START] : [START, Buffer.from(ours)];
  for (const { whole } of kept) {
    if (parts.length > 1) parts.push(SEPARATOR);
    parts.push(bytes.subarray(whole[0], whole[1]));
  }
  parts.push(END);
  return Buffer.concat(parts);
}

/** The values of every member of that name, in the object that begins at `at`. */
export function valuesOf(bytes: Buffer, key: string, at = 0): Span[] {
  return members(bytes, at)
    .filter((member) => member.key === key)
    .map((member) => member.value);
}

/** The elements of the array that begins at `at`; none when something else stands there. */
export function elements(bytes: Buffer, at: number): Span[] {
  const found: Span[] = [];
  let next = skipSpace(bytes, at);
  if (bytes[next] !== OPEN_BRACKET) return found;
  next = skipSpace(bytes, next + 1);
  while (next < bytes.length && bytes[next] !== CLOSE_BRACKET) {
    const end = skipValue(bytes, next);
    found.push([next, end]);
    next = skipSeparator(bytes, end);
  }
  return found;
}

/** The string that stands there, or undefined when it is something else. */
export function stringAt(bytes: Buffer, [start, end]: Span): string | undefined {
  return bytes[start] === QUOTE ? textOf(bytes, start, end) : undefined;
}

function textOf(bytes: Buffer, start: number, end: number): string {
  const inside = bytes.toString('utf8', start + 1, end - 1);
  return inside.includes('\\') ? (JSON.parse(`"${inside}"`) as string) : inside;
}

/** The byte after the value that begins there. */
export function skipValue(bytes: Buffer, start: number): number {
  const first = bytes[start];
  if (first === QUOTE) return skipString(bytes, start);
  return first === OPEN_BRACE || first === OPEN_BRACKET ? skipContainer(bytes, start) : skipScalar(bytes, start);
}

function skipContainer(bytes: Buffer, start: number): number {
  let depth = 0;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = skipString(bytes, at) - 1;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --depth === 0) return at + 1;
  }
  throw new RangeError('the JSON ends inside a container');
}

/** The byte after the number or word that begins there. */
export function skipScalar(bytes: Buffer, start: number): number {
  let at = start;
  for (; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte <= SPACE || byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET) return at;
  }
  return at;
}

/** The byte after the string that begins there. */
export function skipString(bytes: Buffer, start: number): number {
  let quote = start;
  do {
    quote = bytes.indexOf(QUOTE, quote + 1);
    if (quote < 0) throw new RangeError('the JSON ends inside a string');
  } while (isEscaped(bytes, quote));
  return quote + 1;
}

function isEscaped(bytes: Buffer, at: number): boolean {
  let first = at;
  while (bytes[first - 1] === BACKSLASH) first--;
  return (at - first) % 2 === 1;
}

/** The first byte from there on that is no white space. */
export function skipSpace(bytes: Buffer, start: number): number {
  let at = start;
  while (at < bytes.length && (bytes[at] as number) <= SPACE) at++;
  return at;
}

function skipSeparator(bytes: Buffer, end: number): number {
  const at = skipSpace(bytes, end);
  return bytes[at] === COMMA ? skipSpace(bytes, at + 1) : at;
}
