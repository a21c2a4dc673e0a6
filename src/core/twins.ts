import { CLOSE_BRACE, CLOSE_BRACKET, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE, skipString, stringAt } from './walk.js';

/**
 * Whether any object in a JSON value has a key twice. Nobody can say what others read there: some take the first, some
 * the last. Reads the bytes once, and builds no values.
 *
 * @param bytes valid JSON
 */
export function hasTwins(bytes: Buffer, start = 0, end = bytes.length): boolean {
  /** Keys of the objects that are open, innermost last; undefined for arrays. */
  const open: (Set<string> | undefined)[] = [];
  let mayBeKey = false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      const after = skipString(bytes, at);
      const keys = mayBeKey ? open.at(-1) : undefined;
      if (keys && !isNew(keys, stringAt(bytes, [at, after]) ?? '')) return true;
      mayBeKey = false;
      at = after - 1;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      mayBeKey = byte === OPEN_BRACE;
      open.push(mayBeKey ? new Set() : undefined);
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      open.pop();
    } else if (byte === COMMA) {
      mayBeKey = open.at(-1) !== undefined;
    }
  }
  return false;
}

function isNew(keys: Set<string>, key: string): boolean {
  const { size } = keys;
  return keys.add(key).size > size;
}
