/** Something that ends once, and tells whoever wants to know. */
export abstract class Endable {
  private over = false;
  /** Made with the first that wants to know: of most nobody does. */
  private callbacks: Set<() => void> | undefined;

  get ended(): boolean {
    return this.over;
  }

  /** Calls back once when it ends; at once if it already has. Returns how to take it back. */
  onEnd(callback: () => void): () => void {
    if (this.over) callback();
    else (this.callbacks ??= new Set()).add(callback);
    return () => this.callbacks?.delete(callback);
  }

  /** Ends it. Does nothing the second time. */
  end(): void {
    if (this.over) return;
    this.over = true;
    this.letGo();
    for (const callback of this.callbacks ?? []) callback();
    this.callbacks = undefined;
  }

  /** What is to be done first: it counts as over, and nobody has heard of it yet. */
  protected letGo(): void {}
}
