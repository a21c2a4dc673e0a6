/** One known word, as bytes and as what it stands for. */
interface Entry<T> {
  /** An array of numbers: reading it is cheaper than reading a buffer. */
  readonly bytes: readonly number[];
  readonly value: T;
}

/** Known words that are looked up by their bytes, so that a message that uses them makes no strings. */
export class NameTable<T> {
  private readonly byLength: (readonly Entry<T>[] | undefined)[] = [];
  private readonly byName = new Map<string, T>();
  private readonly longest: number;

  constructor(entries: Iterable<readonly [name: string, value: T]>) {
    for (const [name, value] of entries) {
      const bytes = [...Buffer.from(name)];
      this.byLength[bytes.length] = [...(this.byLength[bytes.length] ?? []), { bytes, value }];
      this.byName.set(name, value);
    }
    this.longest = this.byLength.length - 1;
  }

  /** What is spelled from `start` up to `end`, plainly: without escapes. */
  find(bytes: Buffer, start: number, end: number): T | undefined {
    const length = end - start;
    const entries = length > this.longest ? undefined : this.byLength[length];
    if (!entries) return undefined;
    for (const entry of entries) {
      if (endsAlike(bytes, end, entry.bytes)) return entry.value;
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
    if (bytes[at] === 0x5c) return true;
  }
  return false;
}
