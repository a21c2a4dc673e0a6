import type { Sight } from '../../core/access.js';
import { hashOf, type Snapshot } from './snapshot.js';

/** As much of a merged list as somebody sees. */
export type SeenList = Pick<Snapshot, 'kind' | 'items' | 'hash' | 'degraded'>;

/** Sights by which one list is kept. The one that was first looked at gives way. */
const MAX_SIGHTS = 256;

const seen = new WeakMap<Snapshot, Map<string, SeenList>>();

/** The list as a sight shows it: the very same one where nothing is hidden. Made once for all who see the same. */
export function seenList(snapshot: Snapshot, sight: Sight | undefined): SeenList {
  if (!sight) return snapshot;
  let lists = seen.get(snapshot);
  if (!lists) seen.set(snapshot, (lists = new Map<string, SeenList>()));
  const known = lists.get(sight.key);
  if (known) return known;
  const [oldest] = lists.size >= MAX_SIGHTS ? lists.keys() : [];
  if (oldest !== undefined) lists.delete(oldest);
  const list = filtered(snapshot, sight);
  lists.set(sight.key, list);
  return list;
}

function filtered(snapshot: Snapshot, sight: Sight): SeenList {
  const { kind, targets } = snapshot;
  const items = snapshot.items.filter((_, index) => {
    const target = targets[index];
    return target !== undefined && sight.shows(kind, target);
  });
  const degraded = snapshot.degraded.filter((group) => sight.reaches(group));
  const isWhole = items.length === snapshot.items.length && degraded.length === snapshot.degraded.length;
  return isWhole ? snapshot : { kind, items, degraded, hash: hashOf(items) };
}
