import { Definition } from '../../core/definition.js';
import type { Target } from '../../core/exchange.js';
import { exposeName, exposeUri, markName } from '../naming.js';
import { exposeItem } from '../rewrite/items.js';
import type { Listing } from './drain.js';
import { LISTS, type CatalogKind } from './list-kind.js';
import type { ListItem } from './list-page.js';

/** An item as a route shows it. */
export interface ExposedItem {
  /** Its name, URI or template on the route. */
  readonly exposed: string;
  readonly bytes: Buffer;
  readonly target: Target;
}

/** A group by its name and by what a route puts before its names; empty for nothing. */
export interface Owner {
  readonly name: string;
  readonly prefix: string;
}

/** What was made of a listing, by kind and owner. */
const made = new WeakMap<Listing, Map<string, readonly ExposedItem[]>>();

/** The items of a list of this group under their names on the route. Made once for a listing, whoever shows it. */
export function exposeListing(owner: Owner, kind: CatalogKind, listing: Listing): readonly ExposedItem[] {
  const known = made.get(listing) ?? new Map<string, readonly ExposedItem[]>();
  made.set(listing, known);
  const key = `${kind} ${owner.prefix} ${owner.name}`;
  const items = known.get(key) ?? exposeItems(owner, kind, listing.items);
  known.set(key, items);
  return items;
}

/** As `exposeListing`, for items of one page that is not kept. */
export function exposeItems(
  { name: group, prefix }: Owner,
  kind: CatalogKind,
  items: readonly ListItem[],
): readonly ExposedItem[] {
  const shared = sharedNames(prefix, kind, items);
  return items.map(({ key, bytes }) => {
    const exposed = nameOf(prefix, kind, key, shared);
    return {
      exposed,
      bytes: prefix === '' ? bytes : exposeItem(prefix, kind, bytes, exposed),
      target: { group, name: key, definition: new Definition(bytes) },
    };
  });
}

/** A name that had to be altered and is then that of another as well is told apart by a mark, wherever it stands. */
function nameOf(prefix: string, kind: CatalogKind, key: string, shared: ReadonlySet<string>): string {
  if (LISTS[kind].key !== 'name') return exposeUri(prefix, key);
  const exposed = exposeName(prefix, key);
  return shared.has(exposed) && exposed !== `${prefix}__${key}` ? markName(prefix, key) : exposed;
}

/** What more than one item would be called. */
function sharedNames(prefix: string, kind: CatalogKind, items: readonly ListItem[]): ReadonlySet<string> {
  const shared = new Set<string>();
  if (prefix === '' || LISTS[kind].key !== 'name') return shared;
  const seen = new Set<string>();
  for (const { key } of items) {
    const exposed = exposeName(prefix, key);
    if (seen.has(exposed)) shared.add(exposed);
    seen.add(exposed);
  }
  return shared;
}
