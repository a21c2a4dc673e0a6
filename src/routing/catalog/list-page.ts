import { GatewayError } from '../../core/errors.js';
import { isObject, type JsonBytes, type JsonObject, type JsonValue, type Span } from '../../core/json.js';
import { McpRequest, type McpResult } from '../../core/message.js';
import { elements, members, stringAt } from '../../core/walk.js';
import { mirrorRules, readParams, type MirrorRules } from '../../protocol/index.js';
import { readFreshness, type ToldFreshness } from './freshness.js';
import { LISTS, type CatalogKind } from './list-kind.js';

/** One thing that a group offers, as the bytes its server described it in. */
export interface ListItem {
  /** Its name, URI or URI template in the group's own words. */
  readonly key: string;
  readonly bytes: Buffer;
  /** Which arguments modern clients over HTTP put into headers as well, and modern servers want to see there. */
  readonly mirrors?: MirrorRules | undefined;
}

/** One answer to a list request. */
export interface ListPage {
  /** The result as it came. */
  readonly json: JsonBytes;
  /** As in `McpResult`: defined where a modern server gave it. */
  readonly type: string | undefined;
  readonly items: readonly ListItem[];
  /** How many items no client could read, and are left out of `items`. */
  readonly invalid: number;
  /** The cursor of the next page (the empty one is a cursor too), and where it stands in the result. */
  readonly next: { readonly cursor: string; readonly at: Span } | undefined;
  /** Undefined where its server has no word for it. */
  readonly freshness: ToldFreshness | undefined;
}

/** The request for a list, or for the page of it that a cursor of its server leads to. */
export function listRequest(kind: CatalogKind, cursor: string | undefined): McpRequest {
  const { method } = LISTS[kind];
  if (cursor === undefined) return new McpRequest(method, undefined);
  return new McpRequest(method, readParams(Buffer.from(JSON.stringify({ cursor }))));
}

/** Takes the result of a list request apart. @throws `upstream_protocol_error` when there is no list in it */
export function readPage(kind: CatalogKind, { json, type }: McpResult): ListPage {
  const { member } = LISTS[kind];
  const { bytes } = json;
  const inside = members(bytes);
  const list = inside.findLast(({ key }) => key === member)?.value;
  if (!list || bytes[list[0]] !== 0x5b) {
    throw new GatewayError('upstream_protocol_error', `the server answered a list request without "${member}"`);
  }
  const spans = elements(bytes, list[0]);
  const isModern = type !== undefined;
  const items = spans.flatMap((span) => readItem(kind, bytes.subarray(...span), isModern) ?? []);
  const at = inside.findLast(({ key }) => key === 'nextCursor')?.value;
  const cursor = at && stringAt(bytes, at);
  return {
    json,
    type,
    items,
    invalid: spans.length - items.length,
    next: at && cursor !== undefined ? { cursor, at } : undefined,
    freshness: isModern ? readFreshness(bytes, inside) : undefined,
  };
}

/**
 * One item of a list, or undefined where no client could read it.
 *
 * @param isModern whether its server is of the modern era, which asks more of it
 */
export function readItem(kind: CatalogKind, bytes: Buffer, isModern: boolean): ListItem | undefined {
  const item = JSON.parse(bytes.toString()) as JsonValue;
  if (!isObject(item) || typeof item['name'] !== 'string' || item['name'] === '') return undefined;
  const key = item[LISTS[kind].key];
  if (typeof key !== 'string') return undefined;
  return kind === 'tools' ? readTool(item, { key, bytes }, isModern) : { key, bytes };
}

function readTool({ inputSchema }: JsonObject, item: ListItem, isModern: boolean): ListItem | undefined {
  // A client of the official kits drops the whole list over one tool without a schema.
  if (!isObject(inputSchema) || inputSchema['type'] !== 'object') return undefined;
  if (!mayDeclareMirrors(item.bytes)) return item;
  const mirrors = mirrorRules(inputSchema);
  if (mirrors !== 'invalid') return { ...item, mirrors };
  // Clients over HTTP must refuse it; of legacy servers nobody expects that they know, nor of clients of that era.
  return isModern ? undefined : item;
}

/** A key may also be written with escapes; then it is read before it is judged. */
function mayDeclareMirrors(bytes: Buffer): boolean {
  return bytes.includes('x-mcp-header') || bytes.includes('\\u');
}
