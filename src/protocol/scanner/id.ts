import type { RequestId } from '../../core/message.js';
import type { MessageId } from '../incoming.js';
import { QUOTE } from './characters.js';
import { hasEscape } from './name-table.js';

/** Bytes of a string id between its quotes. */
const MAX_ID_BYTES = 256;
/** So many digits always make a safe integer. */
const SAFE_DIGITS = 15;
const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;

/** The id between two positions; undefined when it is not one that MCP allows. */
export function readId(bytes: Buffer, start: number, end: number): MessageId | undefined {
  if (bytes[start] === QUOTE && end - start - 2 > MAX_ID_BYTES) return undefined;
  const value = readStringOrInteger(bytes, start, end);
  return value === undefined ? undefined : new ReadId(value, bytes, start, end);
}

/**
 * What ids and progress tokens may be: a string, or a number that is a safe integer, however it is spelled
 * (`1.0` is 1). Undefined for any other value.
 */
export function readStringOrInteger(bytes: Buffer, start: number, end: number): RequestId | undefined {
  const first = bytes[start] as number;
  if (first === QUOTE) return readText(bytes, start, end);
  if (first >= ZERO && first <= NINE && end - start <= SAFE_DIGITS) {
    let value = 0;
    let at = start;
    for (let digit = first; digit >= ZERO && digit <= NINE && at < end; digit = bytes[++at] as number) {
      value = 10 * value + digit - ZERO;
    }
    if (at === end) return value;
  }
  if (first !== MINUS && !(first >= ZERO && first <= NINE)) return undefined;
  const value: unknown = JSON.parse(bytes.toString('latin1', start, end));
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

/** The string whose opening quote stands at `start` and whose closing quote stands before `end`. */
export function readText(bytes: Buffer, start: number, end: number): string {
  return hasEscape(bytes, start, end)
    ? (JSON.parse(bytes.toString('utf8', start, end)) as string)
    : bytes.toString('utf8', start + 1, end - 1);
}

/** Makes the view of its bytes when somebody asks: ids of replies are looked up, not echoed. */
class ReadId implements MessageId {
  constructor(
    readonly value: RequestId,
    private readonly frame: Buffer,
    private readonly start: number,
    private readonly end: number,
  ) {}

  get bytes(): Buffer {
    return this.frame.subarray(this.start, this.end);
  }
}
