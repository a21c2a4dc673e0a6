/** What arrived and was not yet taken, oldest first. */
export class Mailbox<T> {
  private readonly items: T[] = [];
  private failure: Error | undefined;
  private wake: (() => void) | undefined;

  push(item: T): void {
    this.items.push(item);
    this.wake?.();
  }

  /** Whoever waits, or comes, is told so. */
  fail(error: Error): void {
    this.failure ??= error;
    this.wake?.();
  }

  /** What nobody took. */
  get rest(): readonly T[] {
    return this.items;
  }

  /** Throws away what nobody took. */
  clear(): void {
    this.items.length = 0;
  }

  /** As if they had arrived first, and nobody had taken them. */
  putBack(items: readonly T[]): void {
    this.items.unshift(...items);
  }

  /** Waits for it, five seconds at most. */
  async next(): Promise<T> {
    const late = setTimeout(() => this.fail(new Error('nothing came')), 5_000);
    try {
      while (this.items.length === 0) {
        if (this.failure) throw this.failure;
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    } finally {
      clearTimeout(late);
    }
    return this.items.shift()!;
  }
}
