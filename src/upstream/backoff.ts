/** Milliseconds between which waits are drawn. */
export interface BackoffRange {
  readonly min: number;
  readonly max: number;
}

/**
 * How long to wait before the next try: full jitter, so that many who lost the same server do not all
 * come back at the same moment. Twice as long on average with every try, up to the maximum.
 */
export class Backoff {
  private tries = 0;

  /** @param random a number from 0 up to 1 */
  constructor(
    private readonly range: BackoffRange,
    private readonly random: () => number = Math.random,
  ) {}

  /** Milliseconds until the next try. */
  next(): number {
    const ceiling = Math.min(this.range.max, this.range.min * 2 ** Math.min(this.tries++, 30));
    return ceiling * this.random();
  }

  /** Milliseconds until the next try of something that was tried far too often. Never less than half the maximum. */
  longest(): number {
    return this.range.max * (0.5 + 0.5 * this.random());
  }

  reset(): void {
    this.tries = 0;
  }
}
