import { BACKSLASH, QUOTE } from './characters.js';

/** One known word, as bytes and as what it stands for. */
interface Entry<T> {
  /** An array of numbers: reading it is cheaper than reading a buffer. */
  readonly bytes: readonly number[];
  readonly value: T;
}

/** Known words that are looked up by their bytes, so that a message that uses them makes no strings. */
export class NameTable<T> {
  private readonly byFirst: Entry<T>[][] = Array.from({ length: 256 }, () => []);
  private readonly byName = new Map<string, T>();
  private longest = 0;

  constructor(entries: Iterable<readonly [name: string, value: T]>) {
    for (const [name, value] of entries) {
      const bytes = [...Buffer.from(name)];
      this.byFirst[bytes[0] ?? 0]?.push({ bytes, value });
      this.byName.set(name, value);
      this.longest = Math.max(this.longest, bytes.length);
    }
  }

  /** What is spelled from `start` up to a quote, plainly: without escapes. Nobody needs to know where the quote is. */
  find(bytes: Buffer, start: number): T | undefined {
    const entries = this.byFirst[bytes[start] as number];
    if (entries === undefined) return undefined;
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i] as Entry<T>;
      const end = start + entry.bytes.length;
      if (bytes[end] === QUOTE && endsAlike(bytes, end, entry.bytes)) return entry.value;
    }
    return undefined;
  }

  /** What is spelled there with the help of escapes. */
  findEscaped(bytes: Buffer, start: number, end: number): T | undefined {
    // The longest way to write a character is \u0000.
    if (end - start > 6 * this.longest || !hasEscape(bytes, start, end)) return undefined;
    return this.byName.get(JSON.parse(bytes.toString('utf8', start - 1, end + 1)) as string);
  }
}

/** Known words differ at their ends rather than at their beginnings. */
function endsAlike(bytes: Buffer, end: number, word: readonly number[]): boolean {
  for (let i = 1; i <= word.length; i++) {
    if (bytes[end - i] !== word[word.length - i]) return false;
  }
  return true;
}

/** Whether a backslash stands between `start` and `end`. */
export function hasEscape(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (bytes[at] === BACKSLASH) return true;
  }
  return false;
}
