import type { Principal } from '../../core/principal.js';

/** How long after a reply a server may still have something to say about the request. Milliseconds. */
const AFTERTHOUGHT_MS = 1_000;

/** Whose calls were answered last, so that what a server says a moment too late of one principal's is not shown to another. */
export class LastReplies {
  private latest: Principal | undefined;
  private latestAt = Number.NEGATIVE_INFINITY;
  /** When a call of anybody else than the latest was answered. */
  private othersAt = Number.NEGATIVE_INFINITY;

  /** @param now monotonic milliseconds */
  replied(principal: Principal, now: number): void {
    if (!isSame(principal, this.latest)) {
      this.othersAt = this.latestAt;
      this.latest = principal;
    }
    this.latestAt = now;
  }

  /** Whether a call of anybody else was answered so lately that the server may mean that one. */
  mayMeanOther(principal: Principal | undefined, now: number): boolean {
    const at = isSame(principal, this.latest) ? this.othersAt : this.latestAt;
    return now - at < AFTERTHOUGHT_MS;
  }
}

function isSame(one: Principal | undefined, other: Principal | undefined): boolean {
  return one === other || (one?.method === other?.method && one?.subject === other?.subject);
}
