const EXACT_BELOW_US = 1_000_000;

/** Counts latencies, exact to the microsecond: nothing is estimated, and recording allocates nothing. */
export class Histogram {
  private readonly counts = new Uint32Array(EXACT_BELOW_US);
  /** The few latencies of a second and more, in microseconds. */
  private readonly slow: number[] = [];
  private total = 0;

  /** How many latencies were recorded. */
  get count(): number {
    return this.total;
  }

  /** Adds one latency, in milliseconds. */
  record(ms: number): void {
    const us = Math.round(ms * 1000);

    this.total++;
    if (us < EXACT_BELOW_US) this.counts[us] = (this.counts[us] ?? 0) + 1;
    else this.slow.push(us);
  }

  /**
   * The smallest recorded latency, in microseconds, that at least this share of all latencies does not exceed.
   *
   * @param share between 0 and 1
   */
  percentile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.total));

    let seen = 0;
    for (const [us, count] of this.counts.entries()) {
      seen += count;
      if (seen >= rank) return us;
    }
    return this.slow.toSorted((a, b) => a - b)[rank - seen - 1] ?? Number.NaN;
  }
}
