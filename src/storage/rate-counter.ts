/** How often something may happen: so many times in a period, and so many at once. */
export interface Rate {
  /** How many in a period. Positive, not necessarily whole. */
  readonly count: number;
  /** Milliseconds. */
  readonly periodMs: number;
  /** How many may come at once before the rate holds them up. At least 1. */
  readonly burst: number;
}

/** What became of one that wanted to happen. */
export interface Taken {
  readonly allowed: boolean;
  /** How many more may come at once, now. */
  readonly remaining: number;
  /** Milliseconds until the next one is allowed. 0 where it is now. */
  readonly retryAfterMs: number;
  /** Milliseconds until as many as ever may come at once. */
  readonly resetAfterMs: number;
}

/**
 * Counts what happens under each key, evenly over time (GCRA: one time stamp a key, no windows). What every process
 * of a deployment is to count together goes through the one that is shared.
 *
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ for how it is told
 */
export interface RateCounter {
  /**
   * One more under this key: counted only where it is allowed. A plain answer where it is at hand, so that the data
   * path waits for nothing. Never rejects: a shared counter that cannot be reached counts for this process alone.
   *
   * @param cost how many it counts for
   */
  take(key: string, rate: Rate, cost?: number): Taken | Promise<Taken>;
}

/** What this process counts for itself, or together with its fellow workers. */
export const LOCAL_RATES = Symbol('LocalRates');
/** What all processes of the deployment count together, where they share a Redis; else the same as `LOCAL_RATES`. */
export const SHARED_RATES = Symbol('SharedRates');
