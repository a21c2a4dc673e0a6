import { members, stringAt } from '../../../core/walk.js';
import { Word } from '../../../core/word.js';

const KEY = new Word('"resultType"', 'T');
const SPACE = 0x20;
const COLON = 0x3a;
const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;
const BACKSLASH = 0x5c;

/** The `resultType` of a result; undefined where it has none, the empty string where that is no string. */
export function resultTypeOf(bytes: Buffer): string | undefined {
  const at = KEY.at(bytes);
  if (at < 0) return undefined;
  return firstMember(bytes, at) ?? typeAmong(bytes);
}

/** Most servers say it first, and say it once: then the rest, which may be long, need not be walked through. */
function firstMember(bytes: Buffer, at: number): string | undefined {
  if (KEY.at(bytes, at + KEY.length) >= 0 || space(bytes, 0, OPEN_BRACE) !== at) return undefined;
  const start = space(bytes, at + KEY.length, COLON);
  if (bytes[start] !== QUOTE) return undefined;
  const end = bytes.indexOf(QUOTE, start + 1);
  const text = bytes.subarray(start + 1, end);
  return text.includes(BACKSLASH) ? undefined : text.toString();
}

/** Of several the last one counts, as it does for whoever parses it. */
function typeAmong(bytes: Buffer): string | undefined {
  const found = members(bytes).findLast(({ key }) => key === 'resultType');
  return found && (stringAt(bytes, found.value) ?? '');
}

/** Where the value behind this punctuation begins; -1 where something else stands there. */
function space(bytes: Buffer, start: number, punctuation: number): number {
  let at = start;
  while ((bytes[at] as number) <= SPACE) at++;
  if (bytes[at] !== punctuation) return -1;
  do at++;
  while ((bytes[at] as number) <= SPACE);
  return at;
}
