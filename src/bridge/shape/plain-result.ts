import { GatewayError } from '../../core/errors.js';
import { JsonBytes } from '../../core/json.js';
import type { McpResult } from '../../core/message.js';
import { members, objectOf } from '../../core/walk.js';
import { SERVER_INFO } from '../../protocol/index.js';

/** What every modern result says beside what it is about, and no legacy one. */
const MODERN_WORDS: ReadonlySet<string> = new Set(['resultType', 'ttlMs', 'cacheScope']);

/**
 * A result without what only modern results say; the very same where it is in legacy words. Values stand in it byte
 * for byte.
 *
 * @throws `upstream_protocol_error` where it is not complete: legacy clients have no word for that
 */
export function plainResult(reply: McpResult): McpResult {
  if (reply.type === undefined) return reply;
  if (reply.type !== 'complete') {
    throw new GatewayError('upstream_protocol_error', 'the server answered with something that the client cannot know');
  }
  return { kind: 'result', json: plainJson(reply.json) };
}

function plainJson(json: JsonBytes): JsonBytes {
  const { bytes } = json;
  const all = members(bytes);
  const kept = all.filter(({ key }) => !MODERN_WORDS.has(key));
  const meta = kept.findLast(({ key }) => key === '_meta');
  const inside = meta ? members(bytes, meta.value[0]) : [];
  const others = inside.filter(({ key }) => key !== SERVER_INFO);
  if (others.length === inside.length) {
    return kept.length === all.length ? json : new JsonBytes(objectOf(bytes, kept));
  }
  const ours = others.length === 0 ? '' : `"_meta":${objectOf(bytes, others).toString()}`;
  return new JsonBytes(
    objectOf(
      bytes,
      kept.filter(({ key }) => key !== '_meta'),
      ours,
    ),
  );
}
