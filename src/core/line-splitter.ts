import { GatheredBytes } from './gathered-bytes.js';

const LF = 0x0a;
const CR = 0x0d;

/**
 * Cuts a byte stream into lines. A line that comes in many pieces is put together once, at its end, and
 * a line that never ends takes no more memory than the longest one that is allowed.
 */
export class LineSplitter {
  private readonly held = new GatheredBytes();

  /** @param onLine gets each line without its end (LF or CRLF); empty ones are left out */
  constructor(
    private readonly maxBytes: number,
    private readonly onLine: (line: Buffer) => void,
  ) {}

  /** False when a line is longer than allowed: nothing that follows can be trusted to begin a line. */
  push(chunk: Buffer): boolean {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(LF, start);
      if (end < 0) break;
      if (this.held.length + end - start > this.maxBytes) return this.overflow();
      this.finish(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) {
      this.held.push(start === 0 ? chunk : chunk.subarray(start));
    }
    return this.held.length <= this.maxBytes || this.overflow();
  }

  private finish(last: Buffer): void {
    let line = last;
    if (this.held.length > 0) {
      this.held.push(last);
      line = this.held.take();
    }
    const end = line.length > 0 && line[line.length - 1] === CR ? line.length - 1 : line.length;
    if (end > 0) this.onLine(end === line.length ? line : line.subarray(0, end));
  }

  private overflow(): false {
    this.held.clear();
    return false;
  }
}
