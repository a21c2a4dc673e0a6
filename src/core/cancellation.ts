/** Who hears of a cancellation. */
export interface CancelListener {
  handleEvent(): void;
}

/**
 * As much of an `AbortSignal` as tells a request that nobody waits for it any more. Every `AbortSignal` is
 * one, and so is what an exchange has in its place.
 */
export interface CancelSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: CancelListener): void;
  removeEventListener(type: 'abort', listener: CancelListener): void;
}

const NOBODY: readonly CancelListener[] = [];

/**
 * Controller and signal in one, for what is made with every request and hardly ever cancelled: an
 * `AbortController` costs as much as the rest of an exchange, in time and in memory.
 */
export class Cancellation implements CancelSignal {
  reason: Error | undefined;
  private listeners = NOBODY;

  get aborted(): boolean {
    return this.reason !== undefined;
  }

  addEventListener(_type: 'abort', listener: CancelListener): void {
    this.listeners = [...this.listeners, listener];
  }

  removeEventListener(_type: 'abort', listener: CancelListener): void {
    const { listeners } = this;
    this.listeners =
      listeners.length === 1 && listeners[0] === listener ? NOBODY : listeners.filter((other) => other !== listener);
  }

  /** Tells everybody who listens, in the order in which they came. Does nothing the second time. */
  abort(reason: Error): void {
    if (this.reason) return;
    this.reason = reason;
    const { listeners } = this;
    this.listeners = NOBODY;
    for (const listener of listeners) listener.handleEvent();
  }
}
