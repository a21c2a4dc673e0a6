import { LRUCache } from 'lru-cache';

/** Drifts that are remembered, so that each is reported once. */
const REMEMBERED = 10_000;

/** Which drifts were reported: once each, however many lists they stand in. */
export class DriftLedger {
  private readonly known = new LRUCache<string, true>({ max: REMEMBERED });

  /** Whether nobody has heard of it yet; from now on somebody has. */
  isNews(...drift: readonly string[]): boolean {
    const key = JSON.stringify(drift);
    if (this.known.get(key)) return false;
    this.known.set(key, true);
    return true;
  }
}
