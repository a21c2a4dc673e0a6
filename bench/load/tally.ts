import { Histogram } from '../histogram.ts';

const KEPT_FAULTS = 5;

/** What all callers of a run have seen together. */
export class Tally {
  readonly latencies = new Histogram();
  /** The first faults, to show. */
  readonly faults: string[] = [];

  /** Replies and faults since the start, counted or not. */
  answered = 0;
  faulty = 0;

  /** Whether what happens now counts: not while the server warms up, and not after the end. */
  counting = false;
  /** Whether callers go on calling. */
  calling = true;

  /** A right reply came after so long. */
  reply(afterMs: number): void {
    this.answered++;
    if (this.counting) this.latencies.record(afterMs);
  }

  /** Something came that must not, or did not come that must. */
  fault(reason: string): void {
    this.faulty++;
    if (this.faults.length < KEPT_FAULTS) this.faults.push(reason);
  }
}
