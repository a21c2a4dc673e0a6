import { BACKSLASH, NINE, QUOTE, SPACE, ZERO } from './characters.js';
import { BROKEN } from './outcome.js';

/** Bytes of a string that are read one by one before words of four are tried. */
const SHORT = 128;
/** After so many bytes of plain text, native searches are quicker than any loop. A multiple of four. */
const PLAIN = 1_024;

const TOP_BITS = 0x80808080;
const NOTHING = Buffer.alloc(0);

/** 1 where a letter after a backslash is an escape by itself. */
const SIMPLE_ESCAPE = new Uint8Array(256);
for (const letter of Buffer.from('"\\/bfnrt')) SIMPLE_ESCAPE[letter] = 1;

/** Steps over the strings of a JSON text. */
export class StringLexer {
  bytes: Buffer = NOTHING;
  private words: DataView | undefined;
  private nextQuote = -1;
  private nextBackslash = -1;

  protected beginStrings(bytes: Buffer): void {
    this.bytes = bytes;
    this.words = undefined;
    this.nextQuote = -1;
    this.nextBackslash = -1;
  }

  /** Over the content that begins at `start` and its closing quote. */
  string(start: number): number {
    const bytes = this.bytes;
    let at = start;
    for (const far = start + SHORT; at < far; at++) {
      const byte = bytes[at] as number;
      if (byte > BACKSLASH) continue;
      if (byte === QUOTE) return at + 1;
      if (byte === BACKSLASH) {
        at = this.escape(at + 1);
        if (at < 0) return at;
      } else if (!(byte >= SPACE)) return BROKEN;
    }
    return this.longString(at);
  }

  /** The same, by words of four bytes. */
  private longString(start: number): number {
    const bytes = this.bytes;
    const words = (this.words ??= new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
    const lastWord = bytes.length - 4;
    let plainFrom = start;
    let at = start;
    while (at <= lastWord) {
      const found = doubtful(words.getInt32(at, true));
      if (found === 0) {
        at += 4;
        if (at - plainFrom === PLAIN) at = this.plainText(words, at);
        continue;
      }
      at += (31 - Math.clz32(found & -found)) >> 3;
      if (bytes[at] === QUOTE) return at + 1;
      if (bytes[at] !== BACKSLASH) return BROKEN;
      at = this.escape(at + 1) + 1;
      if (at <= 0) return BROKEN;
      plainFrom = at;
    }
    return this.string(at);
  }

  /**
   * Over much text in which only control characters have to be looked for: up to a few bytes before the
   * next quote, backslash or control character. What the searches found is kept, so that no byte is searched
   * twice however often the text is interrupted.
   */
  private plainText(words: DataView, start: number): number {
    if (this.nextQuote < start) this.nextQuote = this.search(QUOTE, start);
    if (this.nextBackslash < start) this.nextBackslash = this.search(BACKSLASH, start);
    const last = Math.min(this.nextQuote, this.nextBackslash) - 16;
    let at = start;
    while (at <= last) {
      const first = control(words.getInt32(at, true)) | control(words.getInt32(at + 4, true));
      const second = control(words.getInt32(at + 8, true)) | control(words.getInt32(at + 12, true));
      if (((first | second) & TOP_BITS) !== 0) return at;
      at += 16;
    }
    return at;
  }

  private search(byte: number, start: number): number {
    const found = this.bytes.indexOf(byte, start);
    return found < 0 ? this.bytes.length : found;
  }

  /** From the letter of an escape to its last byte. */
  private escape(at: number): number {
    const bytes = this.bytes;
    const letter = bytes[at] as number;
    if (SIMPLE_ESCAPE[letter] === 1) return at;
    if (letter !== 0x75) return BROKEN;
    for (let i = 1; i <= 4; i++) {
      if (!isHex(bytes[at + i] as number)) return BROKEN;
    }
    return at + 4;
  }
}

/**
 * Of four bytes of a string, marks those that are a quote, a backslash or a control character by their top
 * bit; the lowest mark is always right. `x - n & ~x` has the top bit of a byte set where that byte is below
 * n; the exclusive or with 2 moves the quote next to the control characters.
 */
function doubtful(word: number): number {
  const low = word ^ 0x02020202;
  const slash = word ^ 0x5c5c5c5c;
  return (((low - 0x21212121) & ~low) | ((slash - 0x01010101) & ~slash)) & TOP_BITS;
}

/** Marks the control characters among four bytes, when only the top bits are looked at. */
function control(word: number): number {
  return (word - 0x20202020) & ~word;
}

function isHex(byte: number): boolean {
  const letter = byte | 0x20;
  return (byte >= ZERO && byte <= NINE) || (letter >= 0x61 && letter <= 0x66);
}
