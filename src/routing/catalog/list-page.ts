import { GatewayError } from '../../core/errors.js';
import { isObject, type JsonBytes, type JsonValue, type Span } from '../../core/json.js';
import { McpRequest } from '../../core/message.js';
import { readParams } from '../../protocol/index.js';
import { elements, stringAt, valuesOf } from '../rewrite/walk.js';
import { LISTS, type CatalogKind } from './list-kind.js';

/** One thing that a group offers, as the bytes its server described it in. */
export interface ListItem {
  /** Its name, URI or URI template in the group's own words. */
  readonly key: string;
  readonly bytes: Buffer;
}

/** One answer to a list request. */
export interface ListPage {
  /** The result as it came. */
  readonly json: JsonBytes;
  readonly items: readonly ListItem[];
  /** How many items no client could read, and are left out of `items`. */
  readonly invalid: number;
  /** The cursor of the next page (the empty one is a cursor too), and where it stands in the result. */
  readonly next: { readonly cursor: string; readonly at: Span } | undefined;
}

/** The request for a list, or for the page of it that a cursor of its server leads to. */
export function listRequest(kind: CatalogKind, cursor: string | undefined): McpRequest {
  const { method } = LISTS[kind];
  if (cursor === undefined) return new McpRequest(method, undefined);
  return new McpRequest(method, readParams(Buffer.from(JSON.stringify({ cursor }))));
}

/** Takes the result of a list request apart. @throws `upstream_protocol_error` when there is no list in it */
export function readPage(kind: CatalogKind, json: JsonBytes): ListPage {
  const { member } = LISTS[kind];
  const { bytes } = json;
  const list = valuesOf(bytes, member).at(-1);
  if (!list || bytes[list[0]] !== 0x5b) {
    throw new GatewayError('upstream_protocol_error', `the server answered a list request without "${member}"`);
  }
  const spans = elements(bytes, list[0]);
  const items = spans.flatMap((span) => readItem(kind, bytes.subarray(...span)) ?? []);
  const at = valuesOf(bytes, 'nextCursor').at(-1);
  const cursor = at && stringAt(bytes, at);
  return {
    json,
    items,
    invalid: spans.length - items.length,
    next: at && cursor !== undefined ? { cursor, at } : undefined,
  };
}

function readItem(kind: CatalogKind, bytes: Buffer): ListItem | undefined {
  const item = JSON.parse(bytes.toString()) as JsonValue;
  if (!isObject(item) || typeof item['name'] !== 'string' || item['name'] === '') return undefined;
  const key = item[LISTS[kind].key];
  if (typeof key !== 'string') return undefined;
  // A client of the official kits drops the whole list over one tool without a schema.
  if (kind === 'tools' && !(isObject(item['inputSchema']) && item['inputSchema']['type'] === 'object'))
    return undefined;
  return { key, bytes };
}
