import type { FrameWriter } from './frame-writer.js';
import { Opcode } from './opcode.js';

/** Pongs that may wait until the peer takes them. */
const MAX_WAITING = 60;

/** Answers pings, as long as the answers are taken. */
export class Pongs {
  private waiting = 0;
  /** Where the last of them stands among all that was sent. */
  private last = 0;

  constructor(private readonly writer: FrameWriter) {}

  /** Answers one ping. False, without an answer, when too many wait: the peer asks for more than it takes. */
  answer(data: Buffer): boolean {
    const { writer } = this;
    if (writer.total - writer.waiting >= this.last) this.waiting = 0;
    if (this.waiting++ >= MAX_WAITING) return false;
    writer.add(Opcode.PONG, data);
    this.last = writer.total;
    return true;
  }
}
