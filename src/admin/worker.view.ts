import { WORKER_STATES, type WorkerState, type WorkerView } from '../core/workers-view.js';
import { ApiProperty } from './description.js';

/** One process that serves. */
export class WorkerStatus {
  @ApiProperty({ type: 'integer', description: 'Its number, from 1. Whoever takes its place has the same.' })
  readonly worker!: number;

  @ApiProperty({ type: 'integer', nullable: true, description: 'Id of its process; null while there is none.' })
  readonly pid!: number | null;

  @ApiProperty({
    enum: WORKER_STATES,
    description: '`waiting` is for one that has ended and will be started again.',
  })
  readonly state!: WorkerState;

  @ApiProperty({ type: 'integer', description: 'Times that it was started again.' })
  readonly restarts!: number;

  @ApiProperty({ format: 'date-time', description: 'Since when it is in this state.' })
  readonly since!: string;
}

export class WorkerList {
  @ApiProperty({ type: [WorkerStatus], description: 'Every worker, by number.' })
  readonly workers!: WorkerStatus[];
}

export function toWorkerStatus({ slot, pid, state, restarts, since }: WorkerView): WorkerStatus {
  return { worker: slot, pid: pid ?? null, state, restarts, since: new Date(since).toISOString() };
}
