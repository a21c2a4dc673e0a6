import type { CallHost } from './call-host.js';

/** How long a call and each of its attempts may take, but for the time in which its downstream is asked for input. */
export abstract class CallTime {
  protected abstract readonly host: Pick<CallHost, 'now' | 'attemptTimeout'>;
  /** Until when the attempt that runs may take. Monotonic milliseconds. */
  private attemptEnds = Number.POSITIVE_INFINITY;
  /** How often its time was made to stand still and not yet to go on. */
  private halts = 0;
  /** What the attempt had left when its time began to stand still. Milliseconds. */
  private left = 0;

  /** How long anybody waits. Monotonic milliseconds. */
  protected abstract get patience(): number;

  /**
   * Of the attempt that runs, but not while the downstream is asked for input; else of the whole call. Monotonic
   * milliseconds.
   */
  get deadline(): number {
    return this.halts > 0 ? this.patience : Math.min(this.patience, this.attemptEnds);
  }

  standStill(): void {
    if (this.halts++ === 0) this.left = this.attemptEnds - this.host.now;
  }

  /** The attempt has what it had left, and all of its time anew where the server got an answer. */
  goOn(answered: boolean): void {
    if (answered) this.left = Math.max(this.left, this.host.attemptTimeout);
    if (--this.halts === 0) this.attemptEnds = this.host.now + this.left;
  }

  /** @param now monotonic milliseconds */
  protected attemptBegan(now: number): void {
    this.attemptEnds = now + this.host.attemptTimeout;
  }

  protected attemptOver(): void {
    this.attemptEnds = Number.POSITIVE_INFINITY;
  }
}
