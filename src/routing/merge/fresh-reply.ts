import type { Exchange } from '../../core/exchange.js';
import type { Freshness, McpReply, McpRequest, McpResult } from '../../core/message.js';
import { members } from '../../core/walk.js';
import { confined, readFreshness, STALE } from '../catalog/freshness.js';

/**
 * A reply that says how long it may be used again, where the client has a word for that. To all others it is the very
 * same object, however often it is replied.
 */
export function freshReply(reply: McpResult, { peer }: Exchange, freshness: () => Freshness): McpResult {
  return peer.era === 'modern' ? { ...reply, freshness: freshness() } : reply;
}

/**
 * What a modern client has read from a modern server, to be used again by that client alone unless it may be for
 * everybody, and not at all where the client had to answer something first. All other replies stay as they are.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/caching
 */
export function freshRead({ method, params }: McpRequest, reply: McpReply, mayBePublic: boolean): McpReply {
  if (method !== 'resources/read' || reply.kind === 'error' || reply.type !== 'complete') return reply;
  if (params?.spans.inputResponses ?? params?.spans.requestState) return { ...reply, freshness: STALE };
  const { bytes } = reply.json;
  const { ttlMs, scope } = readFreshness(bytes, members(bytes));
  return { ...reply, freshness: confined({ ttlMs, scope }, mayBePublic) };
}
