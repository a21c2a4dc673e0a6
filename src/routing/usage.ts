import type { Clock } from '../core/clock.js';

/** How many exchanges are under way in one generation, and when the last of them has ended. */
export class Usage {
  private count = 0;
  private onIdle: (() => void) | undefined;

  enter(): void {
    this.count++;
  }

  /** Bound, so that no function is made for a message. */
  readonly leave = (): void => {
    this.count--;
    if (this.count === 0) this.onIdle?.();
  };

  /** Resolves when nothing is under way, at the latest after so many milliseconds. For one caller, when nothing new begins. */
  idle(clock: Clock, withinMs: number): Promise<void> {
    if (this.count === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = clock.after(withinMs, resolve);
      this.onIdle = () => {
        timer.cancel();
        resolve();
      };
    });
  }
}
