import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import type { McpReply, McpRequest, McpResult } from '../../core/message.js';
import { confined } from '../catalog/freshness.js';
import { invalidCursor, type ListCursors } from './list-cursor.js';
import { freshReply } from './fresh-reply.js';
import type { PageTraits } from './list-pages.js';
import { listReply } from './list-reply.js';
import type { MergedList } from './merged-list.js';
import { seenList, type SeenList } from './seen-list.js';
import { Snapshot } from './snapshot.js';

/** Lists on one page: the same for everybody who sees the same, put together once. */
const wholes = new WeakMap<SeenList, McpResult>();

/** Answers list requests from snapshots of a merged list, page by page. */
export class SnapshotPages {
  constructor(
    private readonly list: MergedList,
    private readonly cursors: ListCursors,
    private readonly traits: PageTraits,
  ) {}

  /** @throws as `MergedList.load`; `protocol_invalid_params` for a cursor that leads nowhere */
  answer(request: McpRequest, exchange: Exchange): McpReply | Promise<McpReply> {
    const position = this.cursors.open(request, exchange.principal);
    if (position) return this.later(position, exchange);
    const snapshot = this.list.current();
    return snapshot ? this.page(snapshot, 0, exchange) : this.first(exchange);
  }

  private async first(exchange: Exchange): Promise<McpReply> {
    return this.page(await this.list.load(), 0, exchange);
  }

  private async later({ hash, offset, sight }: JsonObject, exchange: Exchange): Promise<McpReply> {
    // Whoever sees something else meanwhile would miss items, or get them twice.
    if (sight !== this.traits.sight?.key) throw invalidCursor();
    if (typeof hash !== 'string' || typeof offset !== 'number') throw invalidCursor();
    // Another replica, or this one before a restart, may have handed it out: the same list has the same hash.
    const snapshot = this.list.recall(hash) ?? this.list.current() ?? (await this.list.load());
    if (snapshot.hash !== hash) throw invalidCursor();
    return this.page(snapshot, offset, exchange);
  }

  private page(snapshot: Snapshot, offset: number, exchange: Exchange): McpReply {
    const reply = this.bare(snapshot, offset, exchange);
    return freshReply(reply, exchange, () => confined(this.list.freshness(snapshot), this.traits.mayBePublic));
  }

  private bare(snapshot: Snapshot, offset: number, exchange: Exchange): McpResult {
    const { size, sight } = this.traits;
    const list = seenList(snapshot, sight);
    const { kind, items, degraded } = list;
    if (offset === 0 && items.length <= size) return whole(list);
    const end = offset + size;
    const onward = { hash: snapshot.hash, offset: end, sight: sight?.key };
    const nextCursor = end < items.length ? this.cursors.seal(onward, exchange.principal) : undefined;
    return listReply(kind, { items: items.slice(offset, end), nextCursor, degraded });
  }
}

function whole(list: SeenList): McpResult {
  const known = wholes.get(list);
  if (known) return known;
  const { kind, items, degraded } = list;
  const told = list instanceof Snapshot ? asTold(list) : undefined;
  const reply = told ?? listReply(kind, { items, nextCursor: undefined, degraded });
  wholes.set(list, reply);
  return reply;
}

/** The very answer of the server, where one group is shown under its own names and nothing was left out. */
function asTold({ contributions: [only, ...others], degraded }: Snapshot): McpResult | undefined {
  if (!only || others.length > 0 || degraded.length > 0 || only.owner.prefix !== '') return undefined;
  const sole = only.listing?.sole;
  return sole && !sole.next ? { kind: 'result', json: sole.json, type: sole.type } : undefined;
}
