import { displayText } from '../../../core/display-text.js';

const LOG_EVERY_MS = 1_000;
const LOGGED_CHARACTERS = 512;
const TAIL_BYTES = 2_048;

/**
 * What a child writes to stderr. It is always read, because a child whose stderr is full stands still; of what it
 * says a short piece is logged once a second at most, and its last words are kept for whoever asks why it ended.
 */
export class StderrLog {
  private loggedAt = Number.NEGATIVE_INFINITY;
  private tail = Buffer.alloc(0);

  /** @param log gets the beginning of what was read last */
  constructor(
    private readonly now: () => number,
    private readonly log: (text: string) => void,
  ) {}

  /** The end of all that was read, fit to be logged. */
  get lastWords(): string {
    return displayText(this.tail.toString(), TAIL_BYTES).trim();
  }

  push(chunk: Buffer): void {
    this.tail = Buffer.concat([this.tail, chunk.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES);
    const now = this.now();
    if (now - this.loggedAt < LOG_EVERY_MS) return;
    this.loggedAt = now;
    this.log(displayText(chunk.toString('utf8', 0, LOGGED_CHARACTERS), LOGGED_CHARACTERS).trimEnd());
  }
}
