import type { FrameSink } from '../../../src/protocol/websocket/frame-writer.js';

/** A stream that takes everything at once, as a socket does whose peer reads; or keeps everything. */
export class Outlet implements FrameSink {
  readonly chunks: Buffer[] = [];
  readonly writable = true;
  readonly writableHighWaterMark = 65_536;
  writableLength = 0;
  corks = 0;
  /** Keeps what is written as it is from now on. */
  isStuck = false;

  get writableNeedDrain(): boolean {
    return this.writableLength >= this.writableHighWaterMark;
  }

  write(chunk: unknown): boolean {
    const bytes = chunk as Buffer;
    this.chunks.push(this.isStuck ? bytes : Buffer.from(bytes));
    if (this.isStuck) this.writableLength += bytes.length;
    return !this.isStuck;
  }

  cork(): void {
    this.corks++;
  }

  uncork(): void {
    this.corks--;
  }
}
