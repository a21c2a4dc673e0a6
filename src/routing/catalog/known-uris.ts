/** URIs that a group is known to own, the newest kept: an index that may forget, never a list. */
export class KnownUris {
  private readonly uris = new Set<string>();

  constructor(private readonly capacity: number) {}

  has(uri: string): boolean {
    return this.uris.has(uri);
  }

  add(uri: string): void {
    if (this.uris.has(uri)) return;
    if (this.uris.size >= this.capacity) {
      const [oldest] = this.uris;
      if (oldest !== undefined) this.uris.delete(oldest);
    }
    this.uris.add(uri);
  }
}
