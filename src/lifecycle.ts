import type { Lifecycle } from './core/views.js';

/** Where the process stands between its start and its end. */
export class ProcessLifecycle implements Lifecycle {
  private stopping: Promise<void> | undefined;

  constructor(readonly startedAt: number) {}

  get draining(): boolean {
    return this.stopping !== undefined;
  }

  /** Stops once, however often it is asked to; everybody gets the same end. */
  stop(how: () => Promise<void>): Promise<void> {
    return (this.stopping ??= Promise.resolve().then(how));
  }
}
