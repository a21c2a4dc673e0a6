import type { MirrorRules } from '../../protocol/index.js';
import type { Listing } from './drain.js';

const NONE: ReadonlyMap<string, MirrorRules> = new Map();
const known = new WeakMap<Listing, ReadonlyMap<string, MirrorRules>>();

/**
 * What the tools of a listing want to see in headers, by the group's own names; without those that want nothing.
 * Gathered once for a listing, whoever shows it.
 */
export function mirrorsOf(listing: Listing): ReadonlyMap<string, MirrorRules> {
  let found = known.get(listing);
  if (!found) {
    const entries = listing.items.flatMap(({ key, mirrors }): [string, MirrorRules][] =>
      mirrors ? [[key, mirrors]] : [],
    );
    found = entries.length > 0 ? new Map(entries) : NONE;
    known.set(listing, found);
  }
  return found;
}
