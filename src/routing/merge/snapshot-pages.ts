import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import type { McpReply, McpRequest, McpResult } from '../../core/message.js';
import { confined } from '../catalog/freshness.js';
import { invalidCursor, type ListCursors } from './list-cursor.js';
import { freshReply } from './fresh-reply.js';
import type { PageTraits } from './list-pages.js';
import { listReply } from './list-reply.js';
import type { MergedList } from './merged-list.js';
import type { Snapshot } from './snapshot.js';

/** Lists on one page: the same for everybody, put together once. */
const wholes = new WeakMap<Snapshot, McpResult>();

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

  private async later({ hash, offset }: JsonObject, exchange: Exchange): Promise<McpReply> {
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
    const { kind, items, hash, degraded } = snapshot;
    const { size } = this.traits;
    if (offset === 0 && items.length <= size) return whole(snapshot);
    const end = offset + size;
    const nextCursor = end < items.length ? this.cursors.seal({ hash, offset: end }, exchange.principal) : undefined;
    return listReply(kind, { items: items.slice(offset, end), nextCursor, degraded });
  }
}

function whole(snapshot: Snapshot): McpResult {
  const known = wholes.get(snapshot);
  if (known) return known;
  const { kind, items, degraded } = snapshot;
  const reply = asTold(snapshot) ?? listReply(kind, { items, nextCursor: undefined, degraded });
  wholes.set(snapshot, reply);
  return reply;
}

/** The very answer of the server, where one group is shown under its own names and nothing was left out. */
function asTold({ contributions: [only, ...others], degraded }: Snapshot): McpResult | undefined {
  if (!only || others.length > 0 || degraded.length > 0 || only.owner.prefix !== '') return undefined;
  const sole = only.listing?.sole;
  return sole && !sole.next ? { kind: 'result', json: sole.json, type: sole.type } : undefined;
}
