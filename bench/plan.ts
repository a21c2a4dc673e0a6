/** What the load generator shall do. */
export interface LoadPlan {
  readonly url: string;
  readonly connections: number;
  /** Calls in flight on each connection. */
  readonly depth: number;
  readonly seconds: number;
  /** How long it calls before that. */
  readonly warmUpSeconds: number;
  readonly payloadBytes: number;
  /** The API key that every client shows, if it has to. */
  readonly key?: string | undefined;
}

/** What it saw. */
export interface LoadReport {
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** All right replies, those of the warm-up too. */
  readonly answered: number;
  /** All wrong, missing and unasked replies and broken connections. */
  readonly faulty: number;
  /** The first of them. */
  readonly faults: readonly string[];
}
