import { createHash, type Hash } from 'node:crypto';

import type { Clock } from '../../core/clock.js';
import type { Events } from '../../core/events.js';
import type { McpError } from '../../core/message.js';
import { shorter, type Lifetime } from './freshness.js';
import type { CatalogKind } from './list-kind.js';
import { listRequest, readPage, type ListItem, type ListPage } from './list-page.js';
import type { ListSource } from './list-source.js';

/** Bounds of one list of one group. What is beyond them is not shown. */
export interface ListBounds {
  readonly pages: number;
  readonly items: number;
  readonly bytes: number;
}

/** A list of one group as its server told it. */
export interface Listing {
  readonly items: readonly ListItem[];
  /** The one answer it came in, where it came in one and nothing was left out: that can be relayed as it is. */
  readonly sole: ListPage | undefined;
  /** Where it goes on, when it was not followed to its end. */
  readonly next: NextPage | undefined;
  /** Items left out because no client could read them, or because they were told before. */
  readonly dropped: number;
  /** The same for the same list, whoever told it on whatever session. */
  readonly hash: string;
}

export interface NextPage {
  readonly cursor: string;
  /** Id of the server that gave the cursor, and knows it best. */
  readonly server: string;
}

export const EMPTY_LISTING: Listing = { items: [], sole: undefined, next: undefined, dropped: 0, hash: '' };

/** A listing, and until when it may be used again where a modern server told it. */
export interface Told {
  readonly listing: Listing;
  readonly lifetime: Lifetime | undefined;
}

/** One page as it was told. */
export interface ToldPage {
  readonly page: ListPage;
  /** Id of the server that told it. */
  readonly server: string;
}

/** What pages are asked for with. */
export interface PageTools {
  readonly clock: Clock;
  /** Hears of servers that do not say how long a list lasts. */
  readonly events: Pick<Events, 'emit'>;
}

/** What is asked, of whom. */
export interface ListQuery {
  readonly source: ListSource;
  readonly kind: CatalogKind;
  readonly bounds: ListBounds;
  /** Id of the server that is asked if it is up; another replica is otherwise. */
  readonly preferred?: string | undefined;
}

/** A server answered a list request with an error: a reply, not a failure of ours. */
export class ListRefused extends Error {
  override readonly name = 'ListRefused';

  constructor(readonly reply: McpError) {
    super('the server answered the list request with an error');
  }
}

/**
 * Asks for a list and follows its cursors: to the end, to a bound, or to a cursor that was there before.
 *
 * @param deadline monotonic milliseconds for all of it
 * @throws `ListRefused`, and whatever `Group.ask` throws
 */
export async function drain(query: ListQuery, tools: PageTools, deadline: number): Promise<Told> {
  const { bounds } = query;
  const items = new Map<string, ListItem>();
  const cursors = new Set<string>();
  const lifetimes: (Lifetime | undefined)[] = [];
  const hash = createHash('sha256');
  let next: NextPage | undefined;
  let sole: ListPage | undefined;
  let seen = 0;
  let bytes = 0;

  for (let pages = 1; ; pages++) {
    const { page, server } = await askPage(query, tools, next, deadline);
    lifetimes.push(lifetimeOf(page, tools.clock.now()));
    update(hash, page);
    bytes += page.json.bytes.length;
    seen += page.items.length + page.invalid;
    for (const item of page.items) {
      if (!items.has(item.key) && items.size < bounds.items) items.set(item.key, item);
    }
    sole = pages === 1 && items.size === seen ? page : undefined;
    next = page.next && !cursors.has(page.next.cursor) ? { cursor: page.next.cursor, server } : undefined;
    if (!next || pages >= bounds.pages || items.size >= bounds.items || bytes >= bounds.bytes) break;
    cursors.add(next.cursor);
  }
  hash.update(next ? JSON.stringify([next.cursor, next.server]) : '');
  const dropped = seen - items.size;
  const listing = { items: [...items.values()], sole, next, dropped, hash: hash.digest('base64url') };
  return { listing, lifetime: lifetimes.reduce((all, each) => all && each && shorter(all, each)) };
}

/**
 * Asks for one page.
 *
 * @throws as `drain`
 */
export async function askPage(
  { source: { group, holder }, kind, preferred: first }: Omit<ListQuery, 'bounds'>,
  { events }: Pick<PageTools, 'events'>,
  at: NextPage | undefined,
  deadline: number,
): Promise<ToldPage> {
  const question = { deadline, preferred: at?.server ?? first, holder };
  const { reply, server } = await group.ask(listRequest(kind, at?.cursor), question);
  if (reply.kind === 'error') throw new ListRefused(reply);
  const page = readPage(kind, reply);
  if (page.freshness?.isLax) events.emit('message.tolerated', { where: 'upstream', why: 'freshness' });
  return { page, server };
}

function lifetimeOf({ freshness }: ListPage, now: number): Lifetime | undefined {
  return freshness && { until: now + freshness.ttlMs, scope: freshness.scope };
}

/** How long a page lasts is no part of the list: servers that count it down would tell another one each time. */
function update(hash: Hash, { json: { bytes }, type, freshness }: ListPage): void {
  const [start, end] = freshness?.at ?? [bytes.length, bytes.length];
  hash.update(`${type === undefined ? '' : 'modern '}${bytes.length - (end - start)}:`);
  hash.update(bytes.subarray(0, start)).update(bytes.subarray(end));
}
