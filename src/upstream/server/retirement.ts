import type { Clock } from '../../core/clock.js';

const CHECK_MS = 50;
/** A retired server stays for requests that were on their way to it when it was retired. */
const LINGER_MS = 250;

/** The end of a server: what is in flight may finish, until a deadline that can be brought forward. */
export class Retirement {
  private readonly began: number;
  private deadline = Number.POSITIVE_INFINITY;
  private done: Promise<void> | undefined;

  /**
   * @param pending how much is in flight
   * @param close ends what is left
   */
  constructor(
    private readonly clock: Clock,
    private readonly pending: () => number,
    private readonly close: () => Promise<void>,
  ) {
    this.began = clock.now();
  }

  /** Takes so many milliseconds from now at most, and less if it was told less before. Settles when it is over. */
  within(ms: number): Promise<void> {
    this.deadline = Math.min(this.deadline, this.clock.now() + ms);
    return (this.done ??= this.idle().then(this.close));
  }

  private async idle(): Promise<void> {
    while (this.mayStay()) await new Promise<void>((resolve) => this.clock.after(CHECK_MS, resolve));
  }

  private mayStay(): boolean {
    const now = this.clock.now();
    return now < this.deadline && (this.pending() > 0 || now - this.began < LINGER_MS);
  }
}
