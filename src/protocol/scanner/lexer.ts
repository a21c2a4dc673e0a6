/** Returned in place of a position: what stands there is not JSON. */
export const BROKEN = -1;
/** Returned in place of a position: containers nest deeper than there is room for. */
export const TOO_DEEP = -2;
/** Returned in place of a position: an object has more members than are allowed. */
export const TOO_MANY = -3;

export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;
export const COLON = 0x3a;
export const COMMA = 0x2c;

const SPACE = 0x20;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');

/** Bytes of a string that are read one by one before words of four are tried. */
const SHORT = 32;
/** After so many bytes of plain text, native searches are quicker than any loop. A multiple of four. */
const PLAIN = 1_024;

const TOP_BITS = 0x80808080;

/** More members than any frame has room for. */
const MOST_KEYS = 0x3fff_ffff;

/** 1 where a letter after a backslash is an escape by itself. */
const SIMPLE_ESCAPE = new Uint8Array(256);
for (const letter of Buffer.from('"\\/bfnrt')) SIMPLE_ESCAPE[letter] = 1;

/**
 * Steps over JSON: each method takes a position and returns the one after what it stepped over, or
 * `BROKEN`, `TOO_DEEP` or `TOO_MANY`. Checks the grammar of RFC 8259 whole, and builds nothing. That the bytes are UTF-8
 * is for the caller to know.
 */
export class Lexer {
  private words: DataView | undefined;
  private nextQuote = -1;
  private nextBackslash = -1;

  /** @param maxKeys members that one object may have */
  constructor(
    readonly bytes: Buffer,
    protected readonly maxKeys: number = MOST_KEYS,
  ) {}

  /** Over white space; never fails. */
  space(start: number): number {
    const bytes = this.bytes;
    let at = start;
    // Everything that JSON is made of stands above the space, so compact JSON leaves at once.
    for (let byte = bytes[at] as number; byte <= SPACE; byte = bytes[++at] as number) {
      if (byte !== SPACE && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    }
    return at;
  }

  /** Over any value. `room` is how many containers may still be opened inside one another. */
  value(at: number, room: number): number {
    switch (this.bytes[at] as number) {
      case QUOTE:
        return this.string(at + 1);
      case OPEN_BRACE:
        return room > 0 ? this.object(at + 1, room - 1) : TOO_DEEP;
      case OPEN_BRACKET:
        return room > 0 ? this.array(at + 1, room - 1) : TOO_DEEP;
      case 0x74:
        return this.word(at, TRUE);
      case 0x66:
        return this.word(at, FALSE);
      case 0x6e:
        return this.word(at, NULL);
      default:
        return this.number(at);
    }
  }

  private object(start: number, room: number): number {
    const bytes = this.bytes;
    let at = this.space(start);
    if (bytes[at] === CLOSE_BRACE) return at + 1;
    for (let left = this.maxKeys; left > 0; left--) {
      if (bytes[at] !== QUOTE) return BROKEN;
      at = this.string(at + 1);
      if (at < 0) return at;
      at = this.space(at);
      if (bytes[at] !== COLON) return BROKEN;
      at = this.value(this.space(at + 1), room);
      if (at < 0) return at;
      at = this.space(at);
      const after = bytes[at];
      if (after === CLOSE_BRACE) return at + 1;
      if (after !== COMMA) return BROKEN;
      at = this.space(at + 1);
    }
    return TOO_MANY;
  }

  private array(start: number, room: number): number {
    const bytes = this.bytes;
    let at = this.space(start);
    if (bytes[at] === CLOSE_BRACKET) return at + 1;
    for (;;) {
      at = this.value(at, room);
      if (at < 0) return at;
      at = this.space(at);
      const after = bytes[at];
      if (after === CLOSE_BRACKET) return at + 1;
      if (after !== COMMA) return BROKEN;
      at = this.space(at + 1);
    }
  }

  private word(at: number, word: Buffer): number {
    const bytes = this.bytes;
    for (let i = 1; i < word.length; i++) {
      if (bytes[at + i] !== word[i]) return BROKEN;
    }
    return at + word.length;
  }

  private number(start: number): number {
    const bytes = this.bytes;
    let at = bytes[start] === MINUS ? start + 1 : start;
    at = bytes[at] === ZERO ? at + 1 : this.digits(at);
    if (at > 0 && bytes[at] === DOT) at = this.digits(at + 1);
    // Upper and lower case differ by one bit.
    if (at > 0 && ((bytes[at] as number) | 0x20) === 0x65) {
      const sign = bytes[at + 1];
      at = this.digits(sign === PLUS || sign === MINUS ? at + 2 : at + 1);
    }
    return at;
  }

  /** At least one. */
  private digits(start: number): number {
    const bytes = this.bytes;
    let at = start;
    for (let byte = bytes[at] as number; byte >= ZERO && byte <= NINE; byte = bytes[++at] as number);
    return at === start ? BROKEN : at;
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
