import { topic } from './worker-bus.js';

/**
 * Where a worker stands: on its way up, taking requests, finishing what it has, or ended and to be started again after
 * a while.
 */
export const WORKER_STATES = ['starting', 'ready', 'stopping', 'waiting'] as const;
export type WorkerState = (typeof WORKER_STATES)[number];

/** One worker as the primary knows it. */
export interface WorkerView {
  readonly slot: number;
  /** Undefined while there is no process. */
  readonly pid: number | undefined;
  readonly state: WorkerState;
  /** Times that it was started again. */
  readonly restarts: number;
  /** Since when it is in this state: milliseconds since 1970. */
  readonly since: number;
}

/** Asks the primary for all workers, by slot. */
export const WORKERS_LISTED = topic<undefined, readonly WorkerView[]>('workers.listed');

/** What was answered since the start by all workers, those included that have ended. */
export interface RequestTotals {
  readonly total: number;
  /** Those whose status was 500 or more. */
  readonly failed: number;
}

/** Asks the primary for the totals. */
export const REQUESTS_TOTALLED = topic<undefined, RequestTotals>('requests.totalled');
