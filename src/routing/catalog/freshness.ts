import type { Span } from '../../core/json.js';
import type { Freshness } from '../../core/message.js';
import { stringAt, type Member } from '../../core/walk.js';

/** A list is never used longer without asking its server again, whatever that says. */
export const LONGEST_TTL_MS = 3_600_000;

/** What nobody may use again: lists of servers that have no word for it, and whatever is not known to be up to date. */
export const STALE: Freshness = Object.freeze({ ttlMs: 0, scope: 'private' });

/** What a page of a modern server says of its freshness. */
export interface ToldFreshness extends Freshness {
  /** Where the time stands in the page, if it does: it may differ each time that the same is told. */
  readonly at: Span | undefined;
  /** Whether the server left out what it has to say, or said it wrongly. */
  readonly isLax: boolean;
}

/** Until when and by whom a list may be used again. */
export interface Lifetime {
  /** Monotonic milliseconds. */
  readonly until: number;
  readonly scope: Freshness['scope'];
}

/**
 * What the members of a result say of its freshness. What is missing or wrong counts as the least there is.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/caching
 */
export function readFreshness(bytes: Buffer, inside: readonly Member[]): ToldFreshness {
  const valueOf = (name: string) => inside.findLast(({ key }) => key === name)?.value;
  const at = valueOf('ttlMs');
  const ttlMs = at && numberAt(bytes, at);
  const scopeAt = valueOf('cacheScope');
  const scope = scopeAt && stringAt(bytes, scopeAt);
  const isLax = ttlMs === undefined || ttlMs < 0 || (scope !== 'public' && scope !== 'private');
  return {
    ttlMs: Math.floor(Math.min(Math.max(ttlMs ?? 0, 0), LONGEST_TTL_MS)),
    scope: scope === 'public' ? scope : 'private',
    at,
    isLax,
  };
}

/** The lifetime of what is made of both. */
export function shorter(one: Lifetime, other: Lifetime): Lifetime {
  return {
    until: Math.min(one.until, other.until),
    scope: one.scope === 'public' ? other.scope : 'private',
  };
}

/** What is left of a lifetime, in whole milliseconds. */
export function remaining({ until, scope }: Lifetime, now: number): Freshness {
  return { ttlMs: Math.max(0, Math.floor(until - now)), scope };
}

/** The freshness of what is made of these parts: that of the one that lasts shortest, for those who may see all of them. */
export function mergedFreshness(parts: readonly Freshness[]): Freshness {
  if (parts.length === 0) return STALE;
  return {
    ttlMs: Math.min(...parts.map(({ ttlMs }) => ttlMs)),
    scope: parts.every(({ scope }) => scope === 'public') ? 'public' : 'private',
  };
}

/** The same for one client alone, unless it may be for everybody. */
export function confined(freshness: Freshness, mayBePublic: boolean): Freshness {
  return mayBePublic || freshness.scope === 'private' ? freshness : { ...freshness, scope: 'private' };
}

function numberAt(bytes: Buffer, [start, end]: Span): number | undefined {
  const value: unknown = JSON.parse(bytes.toString('utf8', start, end));
  return typeof value === 'number' ? value : undefined;
}
