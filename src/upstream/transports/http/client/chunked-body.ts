import { LineBuffer } from './line-buffer.js';
import { readFields } from './response-head.js';
import { ResponseFault } from './response-fault.js';

const CR = 0x0d;
const LF = 0x0a;
/** Hexadecimal digits of a size: nothing longer is taken anyway. */
const MAX_DIGITS = 8;
const MAX_EXTENSION_BYTES = 256;
const WORD = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const EXTENSIONS = new RegExp(
  `^(?:;${WORD}(?:=(?:${WORD}|"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\[\\t\\x20-\\x7e])*"))?)+$`,
);

/** Nothing that stands behind a body says anything of it. */
const TRAILERS = {
  take(name: string): void {
    if (name === 'content-length' || name === 'transfer-encoding') throw new ResponseFault('not a trailer');
  },
};

/** The byte that has to stand there, and what follows it. */
const ENDS = { size_end: [LF, 'data'], data_cr: [CR, 'data_lf'], data_lf: [LF, 'size'] } as const;

type Place = 'size' | 'extension' | 'size_end' | 'data' | 'data_cr' | 'data_lf' | 'trailers' | 'over';

/**
 * Takes the chunks of a body apart, in whatever pieces they come. Extensions and trailers have to be written properly,
 * and mean nothing.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-7.1
 */
export class ChunkedBody {
  /** Where in the bytes that were read last those begin that were not looked at. */
  next = 0;
  private place: Place = 'size';
  private digits = 0;
  /** Bytes of the chunk that are still to come. */
  private left = 0;
  private extension = '';
  private readonly trailers = new LineBuffer();

  get isOver(): boolean {
    return this.place === 'over';
  }

  /**
   * Goes on up to the end of the next data, or as far as there is anything to read.
   *
   * @returns the data; undefined where there is none
   * @throws ResponseFault
   */
  read(bytes: Buffer, from: number): Buffer | undefined {
    let at = from;
    while (at < bytes.length && this.place !== 'over') {
      if (this.place === 'data') {
        const end = Math.min(bytes.length, at + this.left);
        this.left -= end - at;
        if (this.left === 0) this.place = 'data_cr';
        this.next = end;
        return bytes.subarray(at, end);
      }
      if (this.place === 'trailers') at = this.end(bytes, at);
      // The end of the last size is that of the first trailer, if there were one.
      else if (!this.step(bytes[at] as number)) at++;
    }
    this.next = at;
    return undefined;
  }

  /** True where the byte is to be looked at once more. */
  private step(byte: number): boolean {
    if (this.place === 'size') return this.size(byte);
    if (this.place === 'extension') return this.extend(byte);
    const [expected, then] = ENDS[this.place as keyof typeof ENDS];
    if (byte !== expected) throw new ResponseFault('a chunk that does not end');
    this.place = then;
    return false;
  }

  private size(byte: number): boolean {
    const digit = digitOf(byte);
    if (digit < 0) {
      if (this.digits === 0 || (byte !== CR && byte !== 0x3b)) throw new ResponseFault('not the size of a chunk');
      this.digits = 0;
      this.place = 'extension';
      return true;
    }
    if (this.digits++ === MAX_DIGITS) throw new ResponseFault('a chunk longer than allowed');
    this.left = this.left * 16 + digit;
    return false;
  }

  private extend(byte: number): boolean {
    if (byte !== CR) {
      if (this.extension.length === MAX_EXTENSION_BYTES) throw new ResponseFault('a chunk extension that is too long');
      this.extension += String.fromCharCode(byte);
      return false;
    }
    if (this.extension !== '' && !EXTENSIONS.test(this.extension)) throw new ResponseFault('not a chunk extension');
    this.extension = '';
    this.place = this.left > 0 ? 'size_end' : 'trailers';
    return this.left === 0;
  }

  private end(bytes: Buffer, from: number): number {
    const lines = this.trailers.take(bytes, from);
    if (lines === undefined) return bytes.length;
    if (!lines.startsWith('\r\n')) throw new ResponseFault('a chunk that does not end');
    readFields(lines, 2, TRAILERS);
    this.place = 'over';
    return this.trailers.next;
  }
}

function digitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const small = byte | 0x20;
  return small >= 0x61 && small <= 0x66 ? small - 0x57 : -1;
}
