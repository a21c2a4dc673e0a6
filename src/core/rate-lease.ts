import { topic } from './worker-bus.js';

/** How many of something a worker wants to let through on its own account. */
export interface LeaseRequest {
  readonly key: string;
  readonly count: number;
  readonly periodMs: number;
  readonly burst: number;
  /** How many it has to have now: fewer are none. */
  readonly cost: number;
  /** How many it would like. */
  readonly wanted: number;
}

/** What it got. */
export interface Lease {
  /** 0 where not even the cost was left. */
  readonly granted: number;
  /** How many more there are for others. */
  readonly remaining: number;
  /** Milliseconds until the cost is there; 0 where it was granted. */
  readonly retryAfterMs: number;
  /** Milliseconds until as many as ever are there. */
  readonly resetAfterMs: number;
}

/** Asks the primary, which counts for all workers. */
export const RATE_LEASED = topic<LeaseRequest, Lease>('rate.leased');

/** Gives back what was not used. The rates are those of the leases. */
export const RATES_RETURNED = topic<readonly LeaseRequest[]>('rates.returned');
