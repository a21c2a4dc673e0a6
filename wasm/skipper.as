// Steps over one JSON object or array and checks the grammar of RFC 8259 whole, in AssemblyScript: the same language
// as src/protocol/scanner/lexer.ts checks, refused for the same reasons in the same order. That the bytes are UTF-8 is
// for the caller to know. The bytes come through a window of less than one page: where it ends before the container
// does, everything that has to be known to go on is kept here, and the caller fills the window again.

/** Returned in place of a position. The first three are those of lexer.ts. */
const BROKEN: i32 = -1;
const TOO_DEEP: i32 = -2;
const TOO_MANY: i32 = -3;
const CUT_OFF: i32 = -4;

/** What is expected next. */
const FIRST_KEY: i32 = 0;
const KEY: i32 = 1;
const REST_OF_KEY: i32 = 2;
const COLON_OF_MEMBER: i32 = 3;
const FIRST_ELEMENT: i32 = 4;
const VALUE: i32 = 5;
const REST_OF_STRING: i32 = 6;
const SEPARATOR: i32 = 7;

const QUOTE: u32 = 0x22;
const COMMA: u32 = 0x2c;
const COLON: u32 = 0x3a;
const BACKSLASH: u32 = 0x5c;
const OPEN_BRACKET: u32 = 0x5b;
const CLOSE_BRACKET: u32 = 0x5d;
const OPEN_BRACE: u32 = 0x7b;
const CLOSE_BRACE: u32 = 0x7d;
const SPACE: u32 = 0x20;
const MINUS: u32 = 0x2d;
const ZERO: u32 = 0x30;

/** Bytes of memory that the stack takes: one word a level. The window stands behind it. */
const STACK: i32 = 4_096;
/** In the place of how many members an object may still have. */
const ARRAY: i32 = -1;

let maxDepth: i32 = 0;
let maxKeys: i32 = 0;
/** Where the window ends. Behind it stand 16 bytes of zero, which no JSON can have. */
let end: i32 = 0;
/** The byte at which a string, number or word was found wrong. */
let wrongAt: i32 = 0;

/** What `more` goes on with. */
let expectedThen: i32 = 0;
let depthThen: i32 = 0;
let leftThen: i32 = 0;
let resumeAt: i32 = 0;

/** The 64 bytes that were looked at last, and a bit for each that is a quote, a backslash or a control character. */
let blockAt: i32 = 0;
let blockMarks: u64 = 0;

/** Where the window begins. */
export function window(): i32 {
  return STACK;
}

/**
 * Over the container that begins at `at`, in a window that ends at `to`.
 *
 * @param room how many containers may be open inside one another; at most 1,024
 * @param keys members that one object may have
 * @returns the position after it; CUT_OFF when the window ends before
 */
export function skip(at: i32, to: i32, room: i32, keys: i32): i32 {
  maxDepth = room;
  maxKeys = keys;
  depthThen = 0;
  leftThen = ARRAY;
  expectedThen = VALUE;
  return more(at, to);
}

/** Where to begin the next window after CUT_OFF. */
export function resume(): i32 {
  return resumeAt;
}

/** Goes on after CUT_OFF, in a window that was filled from `resume()` on. */
export function more(from: i32, to: i32): i32 {
  end = to;
  blockAt = -64;
  v128.store(to, i8x16.splat(0));
  let at = from;
  let expected = expectedThen;
  // Containers that are open, and members that the innermost may still have.
  let depth = depthThen;
  let left = leftThen;
  while (true) {
    switch (expected) {
      case FIRST_KEY: {
        at = space(at);
        if (at >= end) return stopped(at, at, FIRST_KEY, depth, left);
        if (load<u8>(at) == CLOSE_BRACE) {
          expected = SEPARATOR;
          break;
        }
      }
      case KEY: {
        if (left == 0) return TOO_MANY;
        at = space(at);
        if (load<u8>(at) != QUOTE) return stopped(at, at, KEY, depth, left);
        left--;
        at++;
      }
      case REST_OF_KEY: {
        const after = string(at);
        if (after < 0) return stopped(wrongAt, ~after, REST_OF_KEY, depth, left);
        at = after;
      }
      case COLON_OF_MEMBER: {
        at = space(at);
        if (load<u8>(at) != COLON) return stopped(at, at, COLON_OF_MEMBER, depth, left);
        at++;
        expected = VALUE;
        break;
      }
      case FIRST_ELEMENT: {
        at = space(at);
        if (at >= end) return stopped(at, at, FIRST_ELEMENT, depth, left);
        expected = load<u8>(at) == CLOSE_BRACKET ? SEPARATOR : VALUE;
        break;
      }
    }
    if (expected == VALUE) {
      at = space(at);
      const byte: u32 = load<u8>(at);
      if (byte == QUOTE) {
        at++;
        expected = REST_OF_STRING;
      } else if ((byte | 0x20) == OPEN_BRACE) {
        if (depth == maxDepth) return TOO_DEEP;
        store<i32>(depth << 2, left);
        depth++;
        left = byte == OPEN_BRACE ? maxKeys : ARRAY;
        expected = byte == OPEN_BRACE ? FIRST_KEY : FIRST_ELEMENT;
        at++;
        continue;
      } else {
        const after = byte == MINUS || byte - ZERO < 10 ? number(at) : word(at);
        // A number that ends with the window may go on behind it.
        if (after < 0 || after >= end) return stopped(after < 0 ? wrongAt : after, at, VALUE, depth, left);
        at = after;
      }
    }
    if (expected == REST_OF_STRING) {
      const after = string(at);
      if (after < 0) return stopped(wrongAt, ~after, REST_OF_STRING, depth, left);
      at = after;
    }
    // A value has ended. As many containers as end here are closed at once.
    while (true) {
      at = space(at);
      const byte: u32 = load<u8>(at);
      if (byte == COMMA) break;
      if (byte != (left < 0 ? CLOSE_BRACKET : CLOSE_BRACE)) return stopped(at, at, SEPARATOR, depth, left);
      at++;
      depth--;
      if (depth == 0) return at;
      left = load<i32>(depth << 2);
    }
    at++;
    expected = left < 0 ? VALUE : KEY;
  }
}

/** Wrong inside of the window is wrong; behind its end it is not known yet. */
function stopped(wrong: i32, from: i32, expected: i32, depth: i32, left: i32): i32 {
  if (wrong < end) return BROKEN;
  expectedThen = expected;
  depthThen = depth;
  leftThen = left;
  resumeAt = from;
  return CUT_OFF;
}

@inline
function space(start: i32): i32 {
  let at = start;
  for (let byte: u32 = load<u8>(at); byte <= SPACE; byte = load<u8>(++at)) {
    if (byte != SPACE && byte != 0x0a && byte != 0x0d && byte != 0x09) break;
  }
  return at;
}

/** Over what is left of a string and its closing quote; else the complement of where to go on with it. */
@inline
function string(start: i32): i32 {
  let at = start;
  while (true) {
    if (at >= blockAt + 64) look(at);
    const marks = blockMarks >> (at - blockAt);
    if (marks == 0) {
      at = blockAt + 64;
      continue;
    }
    at += <i32>ctz(marks);
    const byte: u32 = load<u8>(at);
    if (byte == QUOTE) {
      at++;
      break;
    }
    const after = byte != BACKSLASH ? noEscape(at) : load<u8>(at + 1) == QUOTE ? at + 2 : escape(at + 1);
    if (after < 0) {
      at = ~at;
      break;
    }
    at = after;
  }
  return at;
}

/** Marks what matters to strings in the 64 bytes from `at` on, so that their ends need not be searched one by one. */
function look(at: i32): void {
  blockAt = at;
  blockMarks = marks(at) | (marks(at + 16) << 16) | (marks(at + 32) << 32) | (marks(at + 48) << 48);
}

/** Quotes, backslashes and control characters among sixteen bytes. */
@inline
function marks(at: i32): u64 {
  const bytes = v128.load(at);
  const special = v128.or(
    i8x16.eq(bytes, i8x16.splat(<i8>QUOTE)),
    v128.or(i8x16.eq(bytes, i8x16.splat(<i8>BACKSLASH)), i8x16.lt_u(bytes, i8x16.splat(<i8>SPACE))),
  );
  return <u64>(<u32>i8x16.bitmask(special));
}

function noEscape(at: i32): i32 {
  wrongAt = at;
  return -1;
}

/** From the letter of an escape to the byte after it; negative when it is none. */
function escape(at: i32): i32 {
  const letter: u32 = load<u8>(at);
  if (letter == 0x75) {
    for (let n = 1; n <= 4; n++) {
      const digit: u32 = load<u8>(at + n);
      if (digit - ZERO >= 10 && (digit | 0x20) - 0x61 >= 6) {
        wrongAt = at + n;
        return -1;
      }
    }
    return at + 5;
  }
  if (letter == QUOTE || letter == BACKSLASH || letter == 0x6e || isRareEscape(letter)) return at + 1;
  wrongAt = at;
  return -1;
}

function isRareEscape(letter: u32): bool {
  return letter == 0x2f || letter == 0x62 || letter == 0x66 || letter == 0x72 || letter == 0x74;
}

/** Over true, false or null; negative when it is none of them. Which of them it is is not to be foreseen: no branches. */
@inline
function word(at: i32): i32 {
  const bytes = load<u32>(at);
  const isFalse = i32(bytes == 0x736c6166) & i32(load<u8>(at + 4) == 0x65);
  const isWord = i32(bytes == 0x65757274) | i32(bytes == 0x6c6c756e) | isFalse;
  return isWord != 0 ? at + 4 + isFalse : noWord(at);
}

/** With the end of the window before its fifth byte it may still become one. */
function noWord(at: i32): i32 {
  const first: u32 = load<u8>(at);
  const mayBe = at >= end || first == 0x74 || first == 0x66 || first == 0x6e;
  wrongAt = mayBe && at + 5 > end ? end : at;
  return -1;
}

/** Over a number; negative when it is none. */
function number(start: i32): i32 {
  let at = start + i32(load<u8>(start) == MINUS);
  at = load<u8>(at) == ZERO ? at + 1 : digits(at);
  if (at > 0 && load<u8>(at) == 0x2e) at = digits(at + 1);
  if (at > 0 && (load<u8>(at) | 0x20) == 0x65) {
    const sign: u32 = load<u8>(at + 1);
    at = digits(sign == 0x2b || sign == MINUS ? at + 2 : at + 1);
  }
  return at;
}

/** At least one. Eight bytes at once, because how many digits a number has is not to be foreseen. */
@inline
function digits(start: i32): i32 {
  let at = start;
  while (true) {
    // Digits become 0 to 9, and nothing else does; adding 0x76 sets the top bit of what is above 9.
    const bytes = load<u64>(at) ^ 0x3030303030303030;
    const others = (((bytes & 0x7f7f7f7f7f7f7f7f) + 0x7676767676767676) | bytes) & 0x8080808080808080;
    if (others != 0) {
      at += <i32>(ctz(others) >> 3);
      break;
    }
    at += 8;
  }
  if (at > start) return at;
  wrongAt = at;
  return -1;
}
