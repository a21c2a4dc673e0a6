import type { Lifecycle } from './core/views.js';
import { isWorker } from './workers/index.js';

/** Where the process stands between its start and its end. */
export class ProcessLifecycle implements Lifecycle {
  private starting: Promise<void> = Promise.resolve();
  private stopping: Promise<void> | undefined;
  /** Whether the start is not over yet because other workers are on their way as well. */
  waitsForOthers = isWorker();

  constructor(readonly startedAt: number) {}

  get draining(): boolean {
    return this.stopping !== undefined;
  }

  /** Takes the steps of a start one after the other; none any more once it was asked to stop. */
  start(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
    this.starting = this.take(steps);
    return this.starting;
  }

  /** Stops once, however often it is asked to, and never in the middle of a step; everybody gets the same end. */
  stop(how: () => Promise<void>): Promise<void> {
    return (this.stopping ??= this.starting.catch(() => undefined).then(how));
  }

  private async take(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
    for (const step of steps) {
      if (this.draining) return;
      await step();
    }
  }
}
