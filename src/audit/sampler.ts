import type { Clock } from '../core/clock.js';

/** Of what comes often, one in so many milliseconds is told. */
const WINDOW_MS = 10_000;
const MAX_KEYS = 1_024;

interface Sampled {
  readonly until: number;
  untold: number;
}

/** Lets the first of a kind through and counts those that follow soon: whoever floods must not fill the disk. */
export class Sampler {
  private readonly kinds = new Map<string, Sampled>();

  constructor(private readonly clock: Clock) {}

  /** How many of the kind were not told since the last that was; undefined for one that is not to be told either. */
  take(kind: string): number | undefined {
    const now = this.clock.now();
    const known = this.kinds.get(kind);
    if (known && now < known.until) {
      known.untold++;
      return undefined;
    }
    if (!known && this.kinds.size >= MAX_KEYS) this.kinds.clear();
    this.kinds.set(kind, { until: now + WINDOW_MS, untold: 0 });
    return known?.untold ?? 0;
  }
}
