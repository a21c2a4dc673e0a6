/**
 * Whether whoever takes what is sent keeps up with it. The side that writes reports it; the side that reads for
 * it stops reading meanwhile, so that what a slow peer has not taken stays where it comes from.
 */
export class Flow {
  private held = false;
  private waiting: (() => void)[] = [];

  /** True while more is queued than is good. */
  get congested(): boolean {
    return this.held;
  }

  congest(): void {
    this.held = true;
  }

  /**
   * Goes on: those who waited are called in turn, each once, as long as what they do does not congest it again.
   * Also to be called when there is nothing left to wait for.
   */
  clear(): void {
    this.held = false;
    while (!this.congested) {
      const next = this.waiting.shift();
      if (!next) return;
      next();
    }
  }

  /** Calls back once as soon as it is clear; at once if it is. */
  whenClear(callback: () => void): void {
    if (this.held) this.waiting.push(callback);
    else callback();
  }
}
