import { writeSync } from 'node:fs';

import type { Clock } from '../core/clock.js';
import { LineBlock } from './line-block.js';
import type { LineSink } from './log-stream.js';
import { wholeLines } from './whole-lines.js';

const STDOUT = 1;
const RETRY_MS = 5;
/** How long lines may wait that come by the thousand. */
const SOON_MS = 10;
/** So much is not gathered for longer, even within a turn. */
const GATHERED_BYTES = 64 * 1_024;
const MAX_WAITING_BYTES = 8 * 1_024 * 1_024;
/** How long the end of the process may be put off for lines that nobody reads. */
const PATIENCE_AT_EXIT_MS = 500;

/**
 * So much goes into a pipe at once or not at all: lines of workers, which have one in common, do not end up in each
 * other, unless one alone is longer. Bytes. POSIX.1-2024, write(), PIPE_BUF; Linux: pipe(7).
 */
export const SHARED_WRITE_BYTES = 4_096;

/** Writes bytes and says how many were taken. @throws with `code` EAGAIN while the reader is behind */
export type Put = (bytes: Buffer) => number;

/** Lines on their way, in one piece. */
interface Piece {
  readonly bytes: Buffer;
  readonly lines: number;
}

/**
 * Standard output for log lines: what is said in one turn of the event loop is written at its end, in one
 * piece, because it is writes that cost. Lines that come by the thousand may wait a few turns, or until another one
 * is written: order is kept. An end of the process that is still ours (`finish`) loses no line.
 *
 * When the reader of a pipe is behind, lines wait, in order: blocking would stop all traffic for the sake of
 * its log. Beyond 8 MiB they are dropped, and how many is said as soon as there is room.
 */
export class StandardOutput implements LineSink {
  private readonly said = new LineBlock((length) => {
    if (length >= GATHERED_BYTES) this.flush();
  });
  private isDueThisTurn = false;
  private isDueSoon = false;
  private waiting: Piece[] = [];
  private waitingBytes = 0;
  private dropped = 0;
  private isGone = false;

  constructor(
    private readonly clock: Clock,
    private readonly put: Put = (bytes) => writeSync(STDOUT, bytes),
    /** Written at once at most: whole lines. Bytes. */
    private readonly atOnce: number = Infinity,
  ) {}

  write(line: string): void {
    if (this.isGone) return;
    if (!this.isDueThisTurn) setImmediate(this.endTurn);
    this.isDueThisTurn = true;
    this.said.text(line).end();
  }

  /** Where to put a line that may wait a little, so that many are written at once. Undefined when nobody reads it. */
  soon(): LineBlock | undefined {
    if (this.isGone) return undefined;
    if (!this.isDueSoon && !this.isDueThisTurn) {
      this.isDueSoon = true;
      this.clock.after(SOON_MS, this.endWait);
    }
    return this.said;
  }

  /** Writes what is left, for as long as the reader takes it within half a second. For the end of the process. */
  finish(): void {
    this.flush();
    const deadline = this.clock.now() + PATIENCE_AT_EXIT_MS;
    while (this.waiting.length > 0 && this.clock.now() < deadline) this.drain();
  }

  private readonly endTurn = (): void => {
    this.isDueThisTurn = false;
    this.flush();
  };

  private readonly endWait = (): void => {
    this.isDueSoon = false;
    this.flush();
  };

  private flush(): void {
    const { lines } = this.said;
    if (lines === 0) return;
    const piece = { bytes: this.said.take(), lines };
    if (this.waiting.length > 0) this.hold(piece);
    else this.writeOrWait(piece);
  }

  /** A copy: what comes next is written over it. */
  private hold({ bytes, lines }: Piece): void {
    if (this.waitingBytes + bytes.length > MAX_WAITING_BYTES) {
      this.dropped += lines;
      return;
    }
    this.waiting.push({ bytes: Buffer.from(bytes), lines });
    this.waitingBytes += bytes.length;
  }

  private writeOrWait({ bytes, lines }: Piece): void {
    const left = this.leftOf(bytes);
    if (left.length === 0) return;
    this.hold({ bytes: left, lines });
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
    for (const { bytes, lines } of this.waiting) {
      const left = this.leftOf(bytes);
      this.waitingBytes -= bytes.length - left.length;
      if (left.length > 0) {
        this.waiting[done] = { bytes: left, lines };
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
    const bytes = Buffer.from(`${JSON.stringify({ ...line, msg: 'log lines dropped: reader too slow' })}\n`);
    this.writeOrWait({ bytes, lines: 1 });
  }

  /** Writes as much as there is room for. */
  private leftOf(bytes: Buffer): Buffer {
    let left = bytes;
    try {
      while (left.length > 0) left = left.subarray(this.put(wholeLines(left, this.atOnce)));
    } catch (thrown) {
      if ((thrown as { code?: unknown }).code === 'EAGAIN') return left;
      // The reader is gone for good, and there is nobody to tell.
      this.isGone = true;
      return Buffer.alloc(0);
    }
    return left;
  }
}
