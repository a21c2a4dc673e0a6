/** Repetitions that every request earns: one in five may be sent again. */
const SHARE = 0.2;
/** Repetitions that are granted every second, however few requests there are. */
const PER_SECOND = 3;
/** What can be saved up. */
const MOST = 20;

/**
 * Keeps repetitions a fraction of the requests: when everything fails, sending everything twice makes it
 * worse.
 */
export class RetryBudget {
  private left = PER_SECOND;
  private refilledAt = 0;

  /** A request was sent for the first time. */
  earn(): void {
    this.left = Math.min(MOST, this.left + SHARE);
  }

  /**
   * Whether one may be sent again; if so, it is taken from the budget.
   *
   * @param now monotonic milliseconds
   */
  spend(now: number): boolean {
    const granted = ((now - this.refilledAt) / 1_000) * PER_SECOND;
    this.left = Math.max(this.left, Math.min(PER_SECOND, this.left + granted));
    this.refilledAt = now;
    if (this.left < 1) return false;
    this.left--;
    return true;
  }
}
