import { writeSync } from 'node:fs';

import type { DestinationStream } from 'pino';

import type { Clock } from '../core/clock.js';

const STDOUT = 1;
const RETRY_MS = 5;
const MAX_WAITING_BYTES = 8 * 1_024 * 1_024;
/** How long the end of the process may be put off for lines that nobody reads. */
const PATIENCE_AT_EXIT_MS = 500;

/** Writes bytes and says how many were taken. @throws with `code` EAGAIN while the reader is behind */
export type Put = (bytes: Buffer) => number;

/**
 * Standard output for log lines: each is written at once, so that the last one before a crash is there.
 *
 * Only when the reader of a pipe is behind do lines wait, in order: blocking would stop all traffic for
 * the sake of its log. Beyond 8 MiB they are dropped, and how many is said as soon as there is room.
 */
export class StandardOutput implements DestinationStream {
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private dropped = 0;
  private isGone = false;

  constructor(
    private readonly clock: Clock,
    private readonly put: Put = (bytes) => writeSync(STDOUT, bytes),
  ) {}

  write(line: string): void {
    if (this.isGone) return;
    const bytes = Buffer.from(line);
    if (this.waiting.length > 0) this.hold(bytes);
    else this.writeOrWait(bytes);
  }

  /** Writes what waits, for as long as the reader takes it within half a second. For the end of the process. */
  finish(): void {
    const deadline = this.clock.now() + PATIENCE_AT_EXIT_MS;
    while (this.waiting.length > 0 && this.clock.now() < deadline) this.drain();
  }

  private hold(bytes: Buffer): void {
    if (this.waitingBytes + bytes.length > MAX_WAITING_BYTES) {
      this.dropped++;
      return;
    }
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
  }

  private writeOrWait(bytes: Buffer): void {
    const left = this.leftOf(bytes);
    if (left.length === 0) return;
    this.hold(left);
    this.retryLater();
  }

  private retryLater(): void {
    this.clock.after(RETRY_MS, () => {
      this.drain();
      if (this.waiting.length > 0) this.retryLater();
    });
  }

  private drain(): void {
    let done = 0;
    for (const bytes of this.waiting) {
      const left = this.leftOf(bytes);
      this.waitingBytes -= bytes.length - left.length;
      if (left.length > 0) {
        this.waiting[done] = left;
        break;
      }
      done++;
    }
    this.waiting.splice(0, done);
    if (this.dropped > 0 && this.waiting.length === 0) this.confess();
  }

  private confess(): void {
    const line = { level: 'warn', time: new Date(this.clock.wall()).toISOString(), dropped: this.dropped };
    this.dropped = 0;
    this.writeOrWait(Buffer.from(`${JSON.stringify({ ...line, msg: 'log lines dropped: reader too slow' })}\n`));
  }

  /** Writes as much as there is room for. */
  private leftOf(bytes: Buffer): Buffer {
    let left = bytes;
    try {
      while (left.length > 0) left = left.subarray(this.put(left));
    } catch (thrown) {
      if ((thrown as { code?: unknown }).code === 'EAGAIN') return left;
      // The reader is gone for good, and there is nobody to tell.
      this.isGone = true;
      return Buffer.alloc(0);
    }
    return left;
  }
}
