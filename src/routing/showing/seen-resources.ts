import type { Sight } from '../../core/access.js';
import { Definition } from '../../core/definition.js';
import type { Listing } from '../catalog/drain.js';
import type { GroupLists } from '../catalog/group-lists.js';
import { hashOf } from '../merge/snapshot.js';

/** Sights by which the mark of one listing is kept. */
const MAX_SIGHTS = 256;

/** Of each listing, by the sight and the group: undefined where nothing of it is seen. */
const marks = new WeakMap<Listing, Map<string, string | undefined>>();

/** A mark of the resources of a group as a sight shows them. Undefined where it shows none. */
export function seenResourcesMark(lists: GroupLists, sight: Sight): string | undefined {
  const group = lists.group.name;
  const first = lists.known('resources');
  const listing = first?.next ? lists.known('inventory') : first;
  // Only the first page is known so far.
  if (!listing) return lists.resourcesMark;
  let known = marks.get(listing);
  if (!known) marks.set(listing, (known = new Map<string, string | undefined>()));
  const key = `${group} ${sight.key}`;
  if (known.has(key)) return known.get(key);
  const items = listing.items.filter(({ key: name, bytes }) =>
    sight.shows('resources', { group, name, definition: new Definition(bytes) }),
  );
  const seen = items.length === 0 ? undefined : hashOf(items.map(({ bytes }) => bytes));
  if (known.size >= MAX_SIGHTS) known.clear();
  known.set(key, seen);
  return seen;
}
