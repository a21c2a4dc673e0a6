import { topic } from '../core/worker-bus.js';

/** A worker has found nothing wrong with the configuration: it is worth while to start the others, with the same. */
export const WORKER_CHECKED = topic<{ readonly text: string | undefined }>('worker.checked');

/** What the primary learns from a worker that is about to listen. */
export interface WorkerReport {
  readonly generation: number;
  /** How long a stop may take, with all that comes after the drain. Milliseconds. */
  readonly stopMs: number;
  /** Least severe level of log lines. */
  readonly logLevel: string;
}

/**
 * What to do next: listen, as the first of all or behind it; or leave, because the whole start is over.
 */
export type ListenOrder = 'first' | 'follow' | 'leave';

/** A worker is ready to listen. Answered when it may. */
export const WORKER_PREPARED = topic<WorkerReport, ListenOrder>('worker.prepared');

/** A worker was asked to stop. Answered with whether it is alone in that, so that others are there for whoever comes. */
export const WORKER_LEAVING = topic<undefined, boolean>('worker.leaving');

/** A worker listens. Answered when all do; whether it is the one that says so. */
export const WORKER_LISTENING = topic<undefined, boolean>('worker.listening');
