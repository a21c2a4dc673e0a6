import { LRUCache } from 'lru-cache';

/** Drifts that are remembered, so that each is reported once. */
const REMEMBERED = 10_000;
/** Drifts of one group that are reported, at most, while the same is approved. */
const MOST = 1_000;

/** What is to be said of a drift: that it is there, that it is the last of which anything is said, or nothing. */
export type DriftNews = 'news' | 'last' | 'known';

/** Which drifts were reported: once each, however many lists they stand in, and not without end. */
export class DriftLedger {
  private readonly known = new LRUCache<string, true>({ max: REMEMBERED });
  private readonly told = new Map<string, number>();

  /** Something else is approved. */
  begin(): void {
    this.told.clear();
  }

  /** Whether somebody is to hear of it; from now on somebody has. */
  take(group: string, ...drift: readonly string[]): DriftNews {
    const key = JSON.stringify([group, ...drift]);
    if (this.known.get(key)) return 'known';
    const told = this.told.get(group) ?? 0;
    if (told > MOST) return 'known';
    this.told.set(group, told + 1);
    if (told === MOST) return 'last';
    this.known.set(key, true);
    return 'news';
  }
}
