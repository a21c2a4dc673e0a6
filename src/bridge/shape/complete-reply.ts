import { JsonBytes, type Span } from '../../core/json.js';
import type { Freshness, McpResult } from '../../core/message.js';
import type { Implementation } from '../../core/peer.js';
import { COMMA, members, objectOf, type Member } from '../../core/walk.js';
import { SERVER_INFO } from '../../protocol/index.js';
import { CompletedList } from './completed-list.js';
import { plainStamp, signatureOf, withStamp } from './stamp.js';

/** Methods whose results say how long they may be kept. */
const CACHEABLE: ReadonlySet<string> = new Set([
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
]);

const STAMPED: ReadonlySet<string> = new Set(['resultType', '_meta']);
const STAMPED_WHEN_CACHEABLE: ReadonlySet<string> = new Set([...STAMPED, 'ttlMs', 'cacheScope']);

const STALE: Freshness = { ttlMs: 0, scope: 'private' };

/** Lists are replied many times over. */
const REPEATED: ReadonlySet<string> = new Set(['tools/list', 'prompts/list', 'resources/templates/list']);
const LISTS = new WeakMap<JsonBytes, CompletedList>();

/**
 * A result with what a modern client wants to read in every one: what kind of result it is, who answers, and how
 * long a list may be kept. All else stands in it byte for byte.
 *
 * @param self is named as the server: it is what the client talks to
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic
 */
export function completeReply(method: string, reply: McpResult, self: Implementation): McpResult {
  const { json, freshness, type = 'complete' } = reply;
  const isCacheable = type === 'complete' && CACHEABLE.has(method);
  if (freshness && isCacheable && REPEATED.has(method)) {
    return { kind: 'result', json: listOf(json, self).as(freshness), type, freshness };
  }
  const stamped = type === 'complete' && !isCacheable ? withStamp(plainStamp(self), json.bytes) : undefined;
  const bytes = stamped ?? walkedThrough(reply, isCacheable, self);
  return { kind: 'result', json: new JsonBytes(bytes), type, freshness };
}

function walkedThrough({ json, type, freshness }: McpResult, isCacheable: boolean, self: Implementation): Buffer {
  const { bytes } = json;
  const all = members(bytes);
  const ours = [`"resultType":${JSON.stringify(type ?? 'complete')}`];
  if (isCacheable) {
    const { ttlMs, scope } = freshness ?? (type === undefined ? STALE : freshnessIn(bytes, all));
    ours.push(`"ttlMs":${ttlMs}`, `"cacheScope":"${scope}"`);
  }
  ours.push(metaOf(bytes, lastOf(all, '_meta'), self));
  const stamped = isCacheable ? STAMPED_WHEN_CACHEABLE : STAMPED;
  const kept = all.filter(({ key }) => !stamped.has(key));
  return objectOf(bytes, kept, ours.join(','));
}

function listOf(json: JsonBytes, self: Implementation): CompletedList {
  let list = LISTS.get(json);
  if (list) return list;
  const { bytes } = json;
  const all = members(bytes);
  const kept = all.filter(({ key }) => !STAMPED_WHEN_CACHEABLE.has(key));
  const own = objectOf(bytes, kept);
  if (kept.length > 0) own[0] = COMMA;
  const rest = kept.length > 0 ? own : own.subarray(1);
  list = new CompletedList(metaOf(bytes, lastOf(all, '_meta'), self), rest);
  LISTS.set(json, list);
  return list;
}

/** The member `_meta` as it was, but for the server that it names. */
function metaOf(bytes: Buffer, given: Span | undefined, self: Implementation): string {
  const kept = given ? members(bytes, given[0]).filter(({ key }) => key !== SERVER_INFO) : [];
  return `"_meta":${objectOf(bytes, kept, signatureOf(self)).toString()}`;
}

/** What a modern server said itself: as careful as can be where that is unclear. */
function freshnessIn(bytes: Buffer, all: readonly Member[]): Freshness {
  const ttlMs = Number(textOf(bytes, lastOf(all, 'ttlMs')) ?? 0);
  const isPublic = textOf(bytes, lastOf(all, 'cacheScope')) === '"public"';
  return { ttlMs: Number.isSafeInteger(ttlMs) && ttlMs > 0 ? ttlMs : 0, scope: isPublic ? 'public' : 'private' };
}

/** Of members of the same name the last one counts, as it does to whoever parses the object. */
function lastOf(all: readonly Member[], name: string): Span | undefined {
  return all.findLast(({ key }) => key === name)?.value;
}

function textOf(bytes: Buffer, span: Span | undefined): string | undefined {
  return span && bytes.toString('latin1', span[0], span[1]);
}
