import { createHash } from 'node:crypto';

import type { Pins } from '../../core/pins.js';
import type { Listing } from './drain.js';
import { readItem, type ListItem } from './list-page.js';

interface Judged {
  readonly mark: string;
  readonly listing: Listing;
}

/** The tools of groups as far as they may be shown: those that were approved, and as they were. */
export class PinnedListings {
  /** By group: two groups may tell the same list. */
  private readonly judged = new WeakMap<Listing, Map<string, Judged>>();

  constructor(private readonly pins: Pins) {}

  /** As of `Pins`. */
  confines(group: string): boolean {
    return this.pins.mark !== '' && this.pins.confines(group);
  }

  /** As of `Pins`. */
  listen(callback: () => void): () => void {
    return this.pins.listen(callback);
  }

  /** What is shown of a list of tools. The very same where that is all of it; judged once, however many look. */
  of(group: string, listing: Listing): Listing {
    const { mark } = this.pins;
    if (mark === '') return listing;
    const byGroup = this.judged.get(listing) ?? new Map<string, Judged>();
    this.judged.set(listing, byGroup);
    const known = byGroup.get(group);
    if (known?.mark === mark) return known.listing;
    const judged = { mark, listing: this.judge(group, listing) };
    byGroup.set(group, judged);
    return judged.listing;
  }

  private judge(group: string, listing: Listing): Listing {
    const items = listing.items.flatMap((item) => this.shown(group, item) ?? []);
    const isWhole = items.length === listing.items.length && items.every((item, at) => item === listing.items[at]);
    if (isWhole) return listing;
    const hash = createHash('sha256').update(listing.hash);
    for (const { bytes } of items) hash.update(`${bytes.length}:`).update(bytes);
    return { ...listing, items, sole: undefined, hash: hash.digest('base64url') };
  }

  private shown(group: string, item: ListItem): ListItem | undefined {
    const verdict = this.pins.judge(group, item.key, item.bytes);
    if (verdict.action === 'show') return item;
    return verdict.action === 'hide' ? undefined : readItem('tools', verdict.bytes, false);
  }
}
