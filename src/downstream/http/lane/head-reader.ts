import { MAX_HEAD_BYTES, readHead, type RequestHead, withLength } from './request-head.js';

const START = Buffer.from('POST /mcp', 'latin1');
const END = Buffer.from('\r\n\r\n', 'latin1');
const LENGTH_LINE = /\r\ncontent-length: (\d{1,10})(?=\r\n|$)/i;
const ZERO = 0x30;
const NINE = 0x39;

/** A head as it was sent, in two parts with the digits of its length between them. */
interface Known {
  readonly before: Buffer;
  readonly after: Buffer;
  readonly digits: string;
  readonly head: RequestHead;
}

/** What stands at the beginning of some bytes: a head, the beginning of what may become one, or something else. */
export type Found = RequestHead | 'half' | 'other';

/**
 * Reads the heads of one connection. Clients say the same each time but for the length of what they send: a head that
 * was read once is recognised by its bytes.
 */
export class HeadReader {
  /** Where the head ends that was found last. */
  end = 0;
  private known: Known | undefined;

  read(bytes: Buffer): Found {
    return this.recognise(bytes) ?? this.parse(bytes);
  }

  private parse(bytes: Buffer): Found {
    const seen = Math.min(bytes.length, START.length);
    if (bytes.compare(START, 0, seen, 0, seen) !== 0) return 'other';
    const at = bytes.subarray(0, MAX_HEAD_BYTES).indexOf(END);
    if (at < 0) return bytes.length < MAX_HEAD_BYTES ? 'half' : 'other';
    const text = bytes.toString('latin1', 0, at);
    const head = readHead(text);
    if (!head) return 'other';
    this.end = at + END.length;
    this.know(text, head);
    return head;
  }

  private know(text: string, head: RequestHead): void {
    const found = LENGTH_LINE.exec(text);
    const digits = found?.[1] ?? '';
    this.known = undefined;
    // Written in another way, it is read anew each time.
    if (!found) return;
    const from = found.index + found[0].length - digits.length;
    const before = Buffer.from(text.slice(0, from), 'latin1');
    const after = Buffer.from(`${text.slice(from + digits.length)}\r\n\r\n`, 'latin1');
    this.known = { before, after, digits, head };
  }

  private recognise(bytes: Buffer): RequestHead | undefined {
    const { known } = this;
    if (!known) return undefined;
    const { before, after } = known;
    const from = before.length;
    if (bytes.length < from || bytes.compare(before, 0, from, 0, from) !== 0) return undefined;
    let to = from;
    let length = 0;
    for (let digit = bytes[to]; digit !== undefined && digit >= ZERO && digit <= NINE; digit = bytes[++to]) {
      length = length * 10 + digit - ZERO;
    }
    const end = to + after.length;
    const digits = to - from;
    if (digits === 0 || digits > 10 || end > Math.min(bytes.length, MAX_HEAD_BYTES)) return undefined;
    if (bytes.compare(after, 0, after.length, to, end) !== 0) return undefined;
    this.end = end;
    if (length === known.head.length && digits === known.digits.length) return known.head;
    const written = bytes.toString('latin1', from, to);
    const head = withLength(known.head, written);
    this.known = { before, after, digits: written, head };
    return head;
  }
}
