import { ResponseFault } from './response-fault.js';

/** Bytes of a head, or of the trailers, together. */
const MAX_BYTES = 16 * 1_024;

const CR = 0x0d;
const LF = 0x0a;

/** Gathers lines up to the empty one, in whatever pieces they come. */
export class LineBuffer {
  /** Made for what does not come in one piece. */
  private kept: Buffer | undefined;
  private filled = 0;
  /** Where in the bytes that were searched last those begin that belong to it no more. */
  next = 0;

  /**
   * The lines, with the end of the last but without the empty one; undefined while it has not come.
   *
   * @throws ResponseFault when they are longer than allowed
   */
  take(bytes: Buffer, from: number): string | undefined {
    if (this.filled === 0) {
      const end = bytes.indexOf('\r\n\r\n', from, 'latin1');
      if (end >= 0) return this.whole(bytes, from, end);
    }
    this.kept ??= Buffer.allocUnsafe(MAX_BYTES);
    const before = this.filled;
    const copied = bytes.copy(this.kept, before, from, Math.min(bytes.length, from + MAX_BYTES - before));
    this.filled += copied;
    const end = emptyLine(this.kept, Math.max(0, before - 3), this.filled);
    if (end >= 0) {
      this.next = from + end + 4 - before;
      const lines = this.kept.toString('latin1', 0, end + 2);
      this.clear();
      return lines;
    }
    if (this.filled === MAX_BYTES) throw tooLong();
    return undefined;
  }

  private whole(bytes: Buffer, from: number, end: number): string {
    if (end + 4 - from > MAX_BYTES) throw tooLong();
    this.next = end + 4;
    return bytes.toString('latin1', from, end + 2);
  }

  private clear(): void {
    this.kept = undefined;
    this.filled = 0;
  }
}

function emptyLine(bytes: Buffer, from: number, to: number): number {
  for (let at = bytes.indexOf(CR, from); at >= 0 && at + 3 < to; at = bytes.indexOf(CR, at + 1)) {
    if (bytes[at + 1] === LF && bytes[at + 2] === CR && bytes[at + 3] === LF) return at;
  }
  return -1;
}

function tooLong(): ResponseFault {
  return new ResponseFault('more headers than allowed');
}
