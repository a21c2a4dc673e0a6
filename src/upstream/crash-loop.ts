const WINDOW_MS = 60_000;

/** Losses within a minute from which on a server is said to be in a crash loop. */
const CRASH_LOOP_LOSSES = 5;

/** Remembers when a server was lost, to tell a bad moment from a server that cannot stay up. */
export class CrashLoop {
  private readonly losses: number[] = [];

  /** @param now monotonic milliseconds */
  lost(now: number): void {
    this.losses.push(now);
    if (this.losses.length > CRASH_LOOP_LOSSES) this.losses.shift();
  }

  /** Whether the server was lost five times within the last minute. */
  isRunning(now: number): boolean {
    const first = this.losses[this.losses.length - CRASH_LOOP_LOSSES];
    return first !== undefined && now - first < WINDOW_MS;
  }
}

/** What to tell an operator. @param last what was the matter the last time */
export function crashLoopOf(last: string): string {
  return `crash loop: lost ${CRASH_LOOP_LOSSES} times within a minute, last: ${last}`;
}
