import type { Readable, Writable } from 'node:stream';

import { UnsentError } from '../../../core/errors.js';
import { LineSplitter } from '../../../core/line-splitter.js';
import { oneLine } from '../../../protocol/index.js';
import { TurnWriter } from '../turn-writer.js';
import { type Pausable, Valve } from '../valve.js';

const LF = 0x0a;
const NEWLINE = Buffer.from('\n');

/** Below this a frame and its line end are cheaper to copy into one buffer than to write as two. */
const COPY_BYTES = 16 * 1_024;

/** Lines that are handed on before it is asked whether it is enough. */
const PORTION_LINES = 256;

/** Who hears what a line stream brings. */
export interface LineListener {
  /** One line without its end, never an empty one. */
  line(line: Buffer): void;
  /** A line is longer than allowed: nothing that follows can be trusted to begin a line. */
  tooLong(): void;
}

/** Messages as lines of JSON over a pair of byte streams, which stay the caller's. */
export class LineStream implements Pausable {
  private readonly writer: TurnWriter;
  private readonly splitter: LineSplitter;
  private readonly valve = new Valve(this);
  private readonly received: (chunk: Buffer) => void;
  /** Of the last read: what the next turns are for. */
  private rest: Buffer | undefined;
  private closed = false;

  constructor(
    private readonly input: Readable,
    private readonly output: Writable,
    private readonly maxBytes: number,
    private readonly listener: LineListener,
  ) {
    this.splitter = new LineSplitter(maxBytes, (line) => {
      if (!this.closed) listener.line(line);
    });
    this.writer = new TurnWriter(output);
    this.received = (chunk) => {
      this.rest = chunk;
      this.readOn();
    };
    input.on('data', this.received);
  }

  /** @throws `upstream_overloaded` as `UnsentError` while the other side has not read what it was sent before */
  write(frame: Buffer): void {
    if (this.output.writableLength > this.maxBytes) {
      throw new UnsentError('upstream_overloaded', 'the server does not read what it is sent');
    }
    this.writer.gather();
    const line = oneLine(frame);
    if (line.length > COPY_BYTES) {
      this.output.write(line);
      this.output.write(NEWLINE);
      return;
    }
    const whole = Buffer.allocUnsafe(line.length + 1);
    line.copy(whole);
    whole[line.length] = LF;
    this.output.write(whole);
  }

  /** Nothing more is read, until `release`. */
  hold(): void {
    this.valve.hold();
  }

  release(): void {
    this.valve.release();
  }

  /** Nobody listens any more. What still comes is read, so that its end is reached, and thrown away. */
  close(): void {
    this.closed = true;
    this.valve.close();
    this.rest = undefined;
    this.input.off('data', this.received);
    this.input.resume();
  }

  /** For the valve. */
  pause(): void {
    this.input.pause();
  }

  /** For the valve. */
  resume(): void {
    this.readOn();
    if (!this.valve.isShut && !this.closed) this.input.resume();
  }

  /** Hands on what was read, a portion at a time. */
  private readOn(): void {
    while (this.rest && !this.valve.isShut) {
      const { rest } = this;
      const end = portionOf(rest);
      this.rest = end < rest.length ? rest.subarray(end) : undefined;
      this.valve.took(end, end < rest.length ? PORTION_LINES : 0);
      if (!this.splitter.push(end < rest.length ? rest.subarray(0, end) : rest) && !this.closed) {
        this.listener.tooLong();
      }
    }
  }
}

/** Where the last line of a portion ends, or all of it. */
function portionOf(chunk: Buffer): number {
  let end = 0;
  for (let lines = 0; lines < PORTION_LINES; lines++) {
    const next = chunk.indexOf(LF, end);
    if (next < 0) return chunk.length;
    end = next + 1;
  }
  return end;
}
