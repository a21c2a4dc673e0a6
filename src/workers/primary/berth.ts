import type { Worker } from 'node:cluster';

import type { WorkerRef } from '../../core/worker-bus.js';
import type { WorkerState, WorkerView } from '../../core/workers-view.js';
import type { HandedOver } from './handed-over.js';

/** A worker process from its start to its end. */
export interface Occupant {
  readonly ref: WorkerRef;
  readonly worker: Worker;
  readonly handedOver: HandedOver;
}

/** The place of one worker: who is in it now, and what became of those before. */
export class Berth {
  occupant: Occupant | undefined;
  /** Started again in a while. */
  respawn: NodeJS.Timeout | undefined;
  restarts = 0;
  /** How often it has ended in a row. */
  deaths = 0;
  /** Monotonic milliseconds. */
  readyAt: number | undefined;
  private current: WorkerState = 'starting';
  private since = Date.now();

  constructor(readonly slot: number) {}

  get state(): WorkerState {
    return this.current;
  }

  set state(state: WorkerState) {
    if (state === this.current) return;
    this.current = state;
    this.since = Date.now();
  }

  get view(): WorkerView {
    const { slot, state, restarts, since } = this;
    return { slot, pid: this.occupant?.worker.process.pid, state, restarts, since };
  }

  kill(signal: NodeJS.Signals): void {
    this.occupant?.worker.process.kill(signal);
  }
}
