import type { Clock, Timer } from '../../core/clock.js';
import type { Topic } from './topic.js';

/** Topics of one group that are subscribed again at the same time, at most: the server has just come back. */
const AT_ONCE = 8;
/** How long to wait after a server could not be asked, in milliseconds. */
const PAUSE_MS = 10_000;

/** The topics of one group that have to be subscribed again, a few at a time, until it succeeds or nobody wants them. */
export class Restorations {
  private readonly waiting = new Set<Topic>();
  /** Those that could not be restored; tried again after a pause. */
  private readonly failed = new Set<Topic>();
  private running = 0;
  private timer: Timer | undefined;
  private stopped = false;

  constructor(private readonly clock: Clock) {}

  plan(topic: Topic): void {
    if (this.stopped) return;
    this.failed.delete(topic);
    this.waiting.add(topic);
    if (this.running < AT_ONCE) void this.work();
  }

  forget(topic: Topic): void {
    this.waiting.delete(topic);
    this.failed.delete(topic);
  }

  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
    this.waiting.clear();
    this.failed.clear();
  }

  private async work(): Promise<void> {
    this.running++;
    for (const topic of this.waiting) {
      this.waiting.delete(topic);
      await topic.restore().catch(() => this.postpone(topic));
    }
    this.running--;
  }

  private postpone(topic: Topic): void {
    if (this.stopped) return;
    this.failed.add(topic);
    this.timer ??= this.clock.after(PAUSE_MS, () => {
      this.timer = undefined;
      const again = [...this.failed];
      this.failed.clear();
      for (const each of again) each.retry();
    });
  }
}
