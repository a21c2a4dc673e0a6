import { JsonBytes } from '../../core/json.js';
import type { McpResult } from '../../core/message.js';
import { LISTS, type CatalogKind } from '../catalog/list-kind.js';

/** The key of a list result's `_meta` that names the groups left out of it, or shown as they were last. */
export const DEGRADED = 'mcp-gateway/degraded';

const COMMA = Buffer.from(',');

export interface ListReplyParts {
  readonly items: readonly Buffer[];
  readonly nextCursor: string | undefined;
  readonly degraded: readonly string[];
}

/** The result of a list request, put together from the bytes of its items. */
export function listReply(kind: CatalogKind, parts: ListReplyParts): McpResult {
  return replyWith(LISTS[kind].member, parts);
}

/** As `listReply`. @param member of the result that holds the list */
export function replyWith(member: string, { items, nextCursor, degraded }: ListReplyParts): McpResult {
  const parts: Buffer[] = [Buffer.from(`{"${member}":[`)];
  for (const [index, item] of items.entries()) {
    if (index > 0) parts.push(COMMA);
    parts.push(item);
  }
  const cursor = nextCursor === undefined ? '' : `,"nextCursor":${JSON.stringify(nextCursor)}`;
  const meta = degraded.length === 0 ? '' : `,"_meta":${JSON.stringify({ [DEGRADED]: degraded })}`;
  parts.push(Buffer.from(`]${cursor}${meta}}`));
  return { kind: 'result', json: new JsonBytes(Buffer.concat(parts)) };
}
