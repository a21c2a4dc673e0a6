import type { Writable } from 'node:stream';

/**
 * Gathers what is written to a stream in one turn of the event loop and lets it go in one system call.
 * Under load that is most of what a small message costs.
 */
export class TurnWriter {
  private gathering = false;
  private readonly flush = (): void => {
    this.gathering = false;
    this.stream.uncork();
  };

  constructor(private readonly stream: Writable) {}

  /** To be called before a write; may be called any number of times a turn. */
  gather(): void {
    if (this.gathering) return;
    this.gathering = true;
    this.stream.cork();
    setImmediate(this.flush);
  }
}
