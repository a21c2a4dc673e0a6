/** How many answers in a row it takes to change the verdict. */
export interface Thresholds {
  readonly unhealthyThreshold: number;
  readonly healthyThreshold: number;
}

/** Turns single answers into a verdict that does not flap. Begins healthy. */
export class Hysteresis {
  private verdict = true;
  private against = 0;

  constructor(private readonly thresholds: Thresholds) {}

  get healthy(): boolean {
    return this.verdict;
  }

  /** Takes one answer into account; true when the verdict has changed by it. */
  record(healthy: boolean): boolean {
    if (healthy === this.verdict) {
      this.against = 0;
      return false;
    }
    const needed = this.verdict ? this.thresholds.unhealthyThreshold : this.thresholds.healthyThreshold;
    if (++this.against < needed) return false;
    this.verdict = healthy;
    this.against = 0;
    return true;
  }
}
