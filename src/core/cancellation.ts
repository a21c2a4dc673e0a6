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

/**
 * Controller and signal in one, for what is made with every request and hardly ever cancelled: an
 * `AbortController` costs as much as the rest of an exchange, in time and in memory.
 */
export class Cancellation implements CancelSignal {
  reason: Error | undefined;
  /** Hardly ever is there more than one. */
  private listener: CancelListener | undefined;
  private others: readonly CancelListener[] | undefined;

  get aborted(): boolean {
    return this.reason !== undefined;
  }

  addEventListener(_type: 'abort', listener: CancelListener): void {
    if (this.listener) this.others = [...(this.others ?? []), listener];
    else this.listener = listener;
  }

  removeEventListener(_type: 'abort', listener: CancelListener): void {
    if (this.listener === listener) {
      this.listener = this.others?.[0];
      this.others = this.others?.slice(1);
    } else {
      this.others = this.others?.filter((other) => other !== listener);
    }
  }

  /** Tells everybody who listens, in the order in which they came. Does nothing the second time. */
  abort(reason: Error): void {
    if (this.reason) return;
    this.reason = reason;
    const { listener, others } = this;
    this.listener = this.others = undefined;
    listener?.handleEvent();
    if (others) for (const other of others) other.handleEvent();
  }
}
