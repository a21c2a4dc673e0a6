import { JsonBytes, type Span } from '../../core/json.js';
import type { Freshness, McpResult } from '../../core/message.js';
import type { Implementation } from '../../core/peer.js';
import { members, objectOf, type Member } from '../../core/walk.js';
import { SERVER_INFO } from '../../protocol/index.js';

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

/**
 * A result with what a modern client wants to read in every one: what kind of result it is, who answers, and how
 * long a list may be kept. All else stands in it byte for byte.
 *
 * @param self is named as the server: it is what the client talks to
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic
 */
export function completeReply(method: string, reply: McpResult, self: Implementation): McpResult {
  const { bytes } = reply.json;
  const type = reply.type ?? 'complete';
  const isCacheable = CACHEABLE.has(method) && type === 'complete';
  const stamped = isCacheable ? STAMPED_WHEN_CACHEABLE : STAMPED;
  const all = members(bytes);
  const ours = [`"resultType":${JSON.stringify(type)}`];
  if (isCacheable) {
    const { ttlMs, scope } = reply.freshness ?? (reply.type === undefined ? STALE : freshnessIn(bytes, all));
    ours.push(`"ttlMs":${ttlMs}`, `"cacheScope":"${scope}"`);
  }
  ours.push(`"_meta":${metaOf(bytes, lastOf(all, '_meta'), self)}`);
  const kept = all.filter(({ key }) => !stamped.has(key));
  return { ...reply, type, json: new JsonBytes(objectOf(bytes, kept, ours.join(','))) };
}

/** `_meta` as it was, but for the server that it names. */
function metaOf(bytes: Buffer, given: Span | undefined, { name, version }: Implementation): string {
  const ours = `"${SERVER_INFO}":${JSON.stringify({ name, version })}`;
  const kept = given ? members(bytes, given[0]).filter(({ key }) => key !== SERVER_INFO) : [];
  return objectOf(bytes, kept, ours).toString();
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
