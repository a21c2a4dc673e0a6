/**
 * How many streams to one server may be open at a time. Each takes a connection for itself and stays open, so
 * they are counted apart from requests; whoever finds none free waits.
 */
export class StreamSlots {
  private readonly waiting = new Set<() => void>();

  constructor(private free: number) {}

  /** Calls back as soon as there is a slot, perhaps at once. Returns how to give it back, or to wait no more. */
  take(begin: () => void): () => void {
    let given = false;
    const give = (): void => {
      given = true;
      this.free--;
      begin();
    };
    if (this.free > 0) give();
    else this.waiting.add(give);
    let over = false;
    return () => {
      if (over) return;
      over = true;
      if (given) this.released();
      else this.waiting.delete(give);
    };
  }

  private released(): void {
    this.free++;
    const [next] = this.waiting;
    if (!next) return;
    this.waiting.delete(next);
    next();
  }
}
