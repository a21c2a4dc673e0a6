import { displayText } from '../../../core/display-text.js';

const RING_BYTES = 64 * 1_024;
const LOG_EVERY_MS = 1_000;
const LOGGED_CHARACTERS = 512;

/**
 * The last 64 KiB that a child wrote to stderr. It is always read, because a child whose stderr is full
 * stands still; what it says is logged once a second at most.
 */
export class StderrTail {
  private chunks: Buffer[] = [];
  private held = 0;
  private loggedAt = Number.NEGATIVE_INFINITY;

  /** @param log gets the newest lines, cut short */
  constructor(
    private readonly now: () => number,
    private readonly log: (text: string) => void,
  ) {}

  push(chunk: Buffer): void {
    const kept = chunk.length > RING_BYTES ? chunk.subarray(chunk.length - RING_BYTES) : chunk;
    this.chunks.push(kept);
    this.held += kept.length;
    while (this.held - (this.chunks[0]?.length ?? 0) >= RING_BYTES) this.held -= this.chunks.shift()?.length ?? 0;
    const now = this.now();
    if (now - this.loggedAt < LOG_EVERY_MS) return;
    this.loggedAt = now;
    this.log(displayText(chunk.toString('utf8', 0, LOGGED_CHARACTERS), LOGGED_CHARACTERS).trimEnd());
  }

  /** What is still remembered, at least the last 64 KiB where there was so much. */
  text(): string {
    return Buffer.concat(this.chunks).toString();
  }
}
