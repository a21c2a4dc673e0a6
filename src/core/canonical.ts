import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipScalar,
  skipSpace,
  skipString,
  stringAt,
} from './walk.js';

/**
 * One JSON value in the one way of all in which it could be spelled: without white space, with the members of objects
 * in the order of their keys, and strings and small integers as `JSON.stringify` writes them. All other numbers, and
 * members that are repeated, stay as they are: nobody can say what readers make of them.
 *
 * @param bytes valid JSON, nested no deeper than requests may be
 */
export function canonical(bytes: Buffer, start = 0): string {
  return new Reader(bytes, start).value();
}

class Reader {
  constructor(
    private readonly bytes: Buffer,
    private at: number,
  ) {}

  value(): string {
    this.at = skipSpace(this.bytes, this.at);
    const first = this.bytes[this.at];
    if (first === QUOTE) return JSON.stringify(this.text());
    if (first === OPEN_BRACE) return `{${this.members().join()}}`;
    if (first === OPEN_BRACKET) return `[${this.list(CLOSE_BRACKET, () => this.value()).join()}]`;
    return this.scalar();
  }

  private members(): string[] {
    const found = this.list(CLOSE_BRACE, () => {
      const key = this.text();
      this.at = skipSpace(this.bytes, this.at) + 1;
      return { key, text: `${JSON.stringify(key)}:${this.value()}` };
    });
    // Equal keys keep their order.
    found.sort((a, b) => Number(a.key > b.key) - Number(a.key < b.key));
    return found.map(({ text }) => text);
  }

  private list<T>(end: number, read: () => T): T[] {
    const { bytes } = this;
    const found: T[] = [];
    this.at = skipSpace(bytes, this.at + 1);
    while (bytes[this.at] !== end) {
      found.push(read());
      this.at = skipSpace(bytes, this.at);
      if (bytes[this.at] === COMMA) this.at = skipSpace(bytes, this.at + 1);
    }
    this.at++;
    return found;
  }

  private text(): string {
    const start = this.at;
    this.at = skipString(this.bytes, start);
    return stringAt(this.bytes, [start, this.at]) ?? '';
  }

  private scalar(): string {
    const start = this.at;
    this.at = skipScalar(this.bytes, start);
    const spelled = this.bytes.toString('latin1', start, this.at);
    const number = Number(spelled);
    return Number.isSafeInteger(number) ? String(number) : spelled;
  }
}
