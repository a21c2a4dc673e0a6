import type { Clock } from '../../core/clock.js';
import type { Exchange } from '../../core/exchange.js';
import { JsonBytes, splice, type JsonObject } from '../../core/json.js';
import type { Freshness, McpReply, McpRequest, McpResult } from '../../core/message.js';
import { EMPTY_LISTING, type NextPage } from '../catalog/drain.js';
import { exposeItems, exposeListing, type ExposedItem } from '../catalog/exposed-items.js';
import { confined, mergedFreshness, STALE } from '../catalog/freshness.js';
import type { ListPage } from '../catalog/list-page.js';
import type { ListSettings } from '../catalog/list-settings.js';
import type { Member } from '../catalog/member.js';
import { freshReply } from './fresh-reply.js';
import type { ListCursors } from './list-cursor.js';
import type { PageTraits } from './list-pages.js';
import { listReply } from './list-reply.js';
import { failureOf } from './merged-list.js';

/** Where a reply begins or goes on: which group, counted in configured order, and where in its list. */
interface Position {
  readonly index: number;
  /** Undefined for its first page. */
  readonly next: NextPage | undefined;
}

/** One page of one group, or what stands in for it. */
interface Visit {
  readonly member: Member;
  readonly items: readonly ExposedItem[];
  /** The answer of its server, where it can be relayed as it is. */
  readonly sole: ListPage | undefined;
  readonly next: NextPage | undefined;
  /** Undefined where the group has no resources. */
  readonly freshness: Freshness | undefined;
  /** Why the group could not be asked just now. */
  readonly thrown?: unknown;
  /** It could not be asked, and never could. */
  readonly missing?: true;
}

/**
 * Answers `resources/list`, which may be huge, without ever holding all of it: the groups are visited in
 * configured order, and the pages of their servers are passed on as they are. Groups that fit on one page
 * together share it.
 */
export class ResourcePages {
  constructor(
    private readonly members: readonly Member[],
    private readonly cursors: ListCursors,
    private readonly traits: PageTraits & Pick<ListSettings, 'timeout'>,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws `protocol_invalid_params` for a foreign cursor; at the beginning, when no group could be asked and
   * nothing is known of any, `ListRefused` where a single one refused, else `upstream_unavailable`
   */
  async answer(request: McpRequest, exchange: Exchange): Promise<McpReply> {
    const start = this.positionOf(this.cursors.open(request, exchange.principal));
    const visits = start.next ? [await this.follow(start.index, start.next, exchange)] : [];
    let onward = this.onward(start.index, visits.at(-1));

    if (onward && !onward.next && this.hasRoom(visits)) {
      const first = onward.index;
      const ahead = await Promise.all(this.members.slice(first).map((member) => this.first(member)));
      for (const [step, visit] of ahead.entries()) {
        visits.push(visit);
        onward = this.onward(first + step, visit);
        if (!onward || onward.next || !this.hasRoom(visits)) break;
      }
    }
    return this.reply(start, visits, onward, exchange);
  }

  /** Where the list goes on after the group at `index` was visited, or begins when it was not yet. */
  private onward(index: number, visit: Visit | undefined): Position | undefined {
    if (visit?.next) return { index, next: visit.next };
    const following = visit ? index + 1 : index;
    return following < this.members.length ? { index: following, next: undefined } : undefined;
  }

  private hasRoom(visits: readonly Visit[]): boolean {
    return visits.reduce((sum, { items }) => sum + items.length, 0) < this.traits.size;
  }

  private async follow(index: number, at: NextPage, exchange: Exchange): Promise<Visit> {
    const member = this.members[index] as Member;
    const deadline = Math.min(exchange.deadline, this.clock.now() + this.traits.timeout);
    try {
      const { page, server } = await member.lists.follow(at, deadline);
      const told = exposeItems(member.owner, 'resources', page.items);
      const items = this.seen(told);
      const sole = page.invalid === 0 && items === told ? page : undefined;
      // A cursor that leads to itself leads nowhere.
      const ends = !page.next || page.next.cursor === at.cursor;
      const next = ends ? undefined : { cursor: page.next.cursor, server };
      return { member, items, sole, next, freshness: page.freshness ?? STALE };
    } catch (thrown) {
      return { member, items: [], sole: undefined, next: undefined, freshness: STALE, thrown, missing: true };
    }
  }

  private async first(member: Member): Promise<Visit> {
    const visit = await firstPage(member);
    const items = this.seen(visit.items);
    return items === visit.items ? visit : { ...visit, items, sole: undefined };
  }

  /** As many of the items as may be seen: the very same list where nothing is hidden. */
  private seen(items: readonly ExposedItem[]): readonly ExposedItem[] {
    const { sight } = this.traits;
    if (!sight || items.every(({ target }) => sight.shows('resources', target))) return items;
    return items.filter(({ target }) => sight.shows('resources', target));
  }

  private reply(start: Position, visits: readonly Visit[], onward: Position | undefined, exchange: Exchange): McpReply {
    const asked = visits.filter(({ member }) => member.lists.offers('resources'));
    // Whoever has read others already must not lose them to the last one.
    const isWhole = start.index === 0 && !start.next;
    const mayFail = isWhole || this.members.length === 1;
    if (mayFail && asked.length > 0 && asked.every(({ missing }) => missing)) throw failureOf(asked);

    const nextCursor = onward && this.seal(onward, exchange);
    const reply =
      this.asTold(visits, nextCursor) ??
      listReply('resources', {
        items: visits.flatMap((visit) => this.shown(visit)),
        nextCursor,
        degraded: visits
          .filter(({ thrown }) => thrown !== undefined)
          .map(({ member }) => member.name)
          .filter((group) => this.traits.sight?.reaches(group) ?? true),
      });
    return freshReply(reply, exchange, () => this.freshness(visits));
  }

  /** Pages of one list are for the same people: those that were not visited say for whom theirs are as well. */
  private freshness(visits: readonly Visit[]): Freshness {
    const parts = visits.map(({ freshness }) => freshness).filter((part) => part !== undefined);
    return confined(mergedFreshness(parts), this.traits.mayBePublic && this.members.every(isPublic));
  }

  /** The first of two groups that show the same URI shows it for both. */
  private shown({ member, items }: Visit): Buffer[] {
    const earlier = this.members.slice(0, this.members.indexOf(member));
    return items
      .filter(({ exposed, target }) => exposed !== target.name || !earlier.some((other) => other.owns(exposed)))
      .map(({ bytes }) => bytes);
  }

  /** The very answer of the server but for its cursor, where one group is shown under its own names. */
  private asTold(visits: readonly Visit[], nextCursor: string | undefined): McpResult | undefined {
    const [only] = visits;
    if (this.members.length > 1 || only?.member.prefix !== '' || only.thrown !== undefined || !only.sole)
      return undefined;
    const { json, type, next } = only.sole;
    if (!next) return { kind: 'result', json, type };
    if (nextCursor === undefined) return undefined;
    const bytes = splice(json.bytes, [{ at: next.at, bytes: Buffer.from(JSON.stringify(nextCursor)) }]);
    return { kind: 'result', json: new JsonBytes(bytes), type };
  }

  private seal({ index, next }: Position, { principal }: Exchange): string {
    const group = this.members[index]?.name ?? '';
    return this.cursors.seal({ group, index, cursor: next?.cursor, server: next?.server }, principal);
  }

  /** A group that vanished since the cursor was made is skipped; what came behind it now stands in its place. */
  private positionOf(sealed: JsonObject | undefined): Position {
    if (!sealed) return { index: 0, next: undefined };
    const { group, index, cursor, server } = sealed;
    const found = this.members.findIndex(({ name }) => name === group);
    if (found < 0) return { index: Number(index), next: undefined };
    const next = typeof cursor === 'string' && typeof server === 'string' ? { cursor, server } : undefined;
    return { index: found, next };
  }
}

/** Whether the group said so last, or has nothing to say it of. */
function isPublic({ lists }: Member): boolean {
  return lists.freshness('resources', lists.known('resources'))?.scope !== 'private';
}

async function firstPage(member: Member): Promise<Visit> {
  try {
    const listing = await member.lists.load('resources');
    const { sole, next } = listing;
    const freshness = member.lists.freshness('resources', listing);
    return { member, items: exposeListing(member.owner, 'resources', listing), sole, next, freshness };
  } catch (thrown) {
    const known = member.lists.known('resources');
    const { sole, next } = known ?? EMPTY_LISTING;
    const items = known ? exposeListing(member.owner, 'resources', known) : [];
    return { member, items, sole, next, freshness: STALE, thrown, ...(known ? {} : { missing: true }) };
  }
}
