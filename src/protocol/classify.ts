import type { Era } from '../core/peer.js';
import { claimedVersion, claimsModern, readEnvelope } from './envelope.js';
import type { Incoming, IncomingRequest } from './incoming.js';
import { isModern } from './revisions/index.js';
import { Violation } from './rules.js';

/**
 * The era in which a message is meant: its body says it, and headers only confirm what it says. A violation where
 * the two do not agree.
 *
 * @param header `MCP-Protocol-Version`, on wires that have headers
 * @param hasHeaders whether the wire has any
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 */
export function classify(incoming: Incoming, header: string | undefined, hasHeaders: boolean): Era | Violation {
  const named = header !== undefined && isModern(header);
  switch (incoming.kind) {
    case 'request':
      if (isMeantModern(incoming)) return hasHeaders ? claimed(claimedVersion(incoming.params), header) : 'modern';
      if (!named) return 'legacy';
      return incoming.method === 'initialize'
        ? new Violation('era_header', 'MCP-Protocol-Version does not match request')
        : new Violation('envelope', 'Missing request metadata');
    case 'notification':
      return named || claimsModern(incoming.params) ? 'modern' : 'legacy';
    case 'reply':
      return named ? new Violation('era', 'Responses are not accepted') : 'legacy';
    case 'batch':
      return named || incoming.messages.some((message) => 'params' in message && claimsModern(message.params))
        ? new Violation('batch_unsupported', 'Batching is not supported')
        : 'legacy';
    case 'malformed':
      break;
  }
  return named ? 'modern' : 'legacy';
}

/** A handshake is a legacy request unless everything that a modern one needs stands in it. */
function isMeantModern({ method, params }: IncomingRequest): boolean {
  if (!claimsModern(params)) return false;
  if (method !== 'initialize') return true;
  const envelope = readEnvelope(params);
  if (!(envelope instanceof Violation)) return true;
  return envelope.rule === 'revision' && isModern(claimedVersion(params) ?? '');
}

function claimed(version: string | undefined, header: string | undefined): Era | Violation {
  if (version === undefined) return 'modern';
  if (header === undefined) return new Violation('era_header', 'Missing required header MCP-Protocol-Version');
  return header === version
    ? 'modern'
    : new Violation('era_header', 'MCP-Protocol-Version does not match request metadata');
}
