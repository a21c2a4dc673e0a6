import { createHash } from 'node:crypto';

import type { McpError } from '../../core/message.js';
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
export async function drain(
  source: ListSource,
  kind: CatalogKind,
  bounds: ListBounds,
  deadline: number,
): Promise<Listing> {
  const items = new Map<string, ListItem>();
  const cursors = new Set<string>();
  const hash = createHash('sha256');
  let next: NextPage | undefined;
  let sole: ListPage | undefined;
  let seen = 0;
  let bytes = 0;

  for (let pages = 1; ; pages++) {
    const { page, server } = await askPage(source, kind, next, deadline);
    hash.update(`${page.json.bytes.length}:`).update(page.json.bytes);
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
  return { items: [...items.values()], sole, next, dropped: seen - items.size, hash: hash.digest('base64url') };
}

/**
 * Asks for one page.
 *
 * @throws as `drain`
 */
export async function askPage(
  { group, holder }: ListSource,
  kind: CatalogKind,
  at: NextPage | undefined,
  deadline: number,
): Promise<{ readonly page: ListPage; readonly server: string }> {
  const question = { deadline, preferred: at?.server, holder };
  const { reply, server } = await group.ask(listRequest(kind, at?.cursor), question);
  if (reply.kind === 'error') throw new ListRefused(reply);
  return { page: readPage(kind, reply.json), server };
}
