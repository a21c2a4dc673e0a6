/** A listen that can be ended for its client. */
export interface Dismissible {
  dismiss(): void;
}

/** The listens that are open, on whichever wire. */
export class Listens {
  private readonly open = new Set<Dismissible>();

  get size(): number {
    return this.open.size;
  }

  add(listen: Dismissible): void {
    this.open.add(listen);
  }

  delete(listen: Dismissible): void {
    this.open.delete(listen);
  }

  /** Ends them all, each with its result. */
  dismissAll(): void {
    for (const listen of this.open) listen.dismiss();
  }
}
