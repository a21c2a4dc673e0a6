import { errorReply, type McpReply, result } from '../core/message.js';
import { LATEST_LEGACY, revisionOf } from './revisions/index.js';

/** JSON-RPC 2.0: there is no such method. */
const METHOD_NOT_FOUND = -32601;
/** What the specification's own examples answer when a user refuses to sample. */
const REFUSED = -1;

/**
 * The answer to a server's request where there is no client to ask: at once, so that the server does not
 * hang, and as a client's own refusal would look like.
 *
 * @param date the revision of the server's leg, where it is known: what that cannot ask is unknown
 * @see https://modelcontextprotocol.io/specification/2025-11-25/client/sampling#error-handling
 */
export function refusal(method: string, date: string = LATEST_LEGACY.date): McpReply {
  if (!revisionOf(date)?.serverMethods.has(method)) return errorReply(METHOD_NOT_FOUND, 'Method not found');
  switch (method) {
    case 'ping':
      return result({});
    case 'sampling/createMessage':
      return errorReply(REFUSED, 'no client to ask for sampling');
    case 'elicitation/create':
      return result({ action: 'cancel' });
    default:
      return errorReply(METHOD_NOT_FOUND, 'Method not found');
  }
}
