import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  DOT,
  MINUS,
  NINE,
  OPEN_BRACE,
  OPEN_BRACKET,
  PLUS,
  QUOTE,
  SPACE,
  ZERO,
} from './characters.js';
import { BROKEN, TOO_DEEP, TOO_MANY } from './outcome.js';
import { MOST_ROOM, NOT_SKIPPED, type Skipper } from './skipper.js';
import { StringLexer } from './string-lexer.js';

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');

/** More members than any frame has room for. */
const MOST_KEYS = 0x3fff_ffff;

/**
 * Steps over JSON: each method takes a position and returns the one after what it stepped over, or
 * `BROKEN`, `TOO_DEEP` or `TOO_MANY`. Checks the grammar of RFC 8259 whole, and builds nothing. That the bytes are UTF-8
 * is for the caller to know.
 */
export class Lexer extends StringLexer {
  protected maxKeys: number = MOST_KEYS;
  private skipper: Skipper | undefined;
  /** Which window of the skipper holds bytes of this text. */
  private window = 0;

  /**
   * Takes up another text. Lexers are used again, because making one takes as long as reading a short text.
   *
   * @param maxKeys members that one object may have
   * @param skipper steps over objects and arrays; undefined to do that here
   */
  begin(bytes: Buffer, maxKeys: number = MOST_KEYS, skipper?: Skipper): void {
    this.beginStrings(bytes);
    this.maxKeys = Math.min(maxKeys, MOST_KEYS);
    this.skipper = skipper;
    this.window = 0;
  }

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
      case OPEN_BRACKET:
        return this.container(at, room);
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

  private container(at: number, room: number): number {
    if (room <= 0) return TOO_DEEP;
    const end = this.skipper && room <= MOST_ROOM ? this.skipped(this.skipper, at, room) : NOT_SKIPPED;
    if (end !== NOT_SKIPPED) return end;
    return this.bytes[at] === OPEN_BRACE ? this.object(at + 1, room - 1) : this.array(at + 1, room - 1);
  }

  private skipped(skipper: Skipper, at: number, room: number): number {
    if (!skipper.holds(this.window, at)) skipper.load(this.bytes, at);
    const end = skipper.skip(this.bytes, at, room, this.maxKeys);
    this.window = skipper.window;
    // What is too much for it would be so again for each container inside.
    if (end === NOT_SKIPPED) this.skipper = undefined;
    return end;
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
}
