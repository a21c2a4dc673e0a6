import type { McpReply } from '../../core/message.js';
import type { Peer } from '../../core/peer.js';
import { shapeForLegacy } from './legacy-reply.js';
import { shapeForModern } from './modern-reply.js';

/**
 * A reply in the words of a client, whatever era the server speaks that it came from. The very same object where
 * there is nothing to change, which the bytes tell without being parsed.
 *
 * @throws `upstream_protocol_error` where it is something that the client was never to be answered with
 */
export function shapeReply(method: string, reply: McpReply, peer: Peer): McpReply {
  return peer.era === 'modern'
    ? shapeForModern(method, reply, peer.capabilities)
    : shapeForLegacy(method, reply, peer.revision);
}
