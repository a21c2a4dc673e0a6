import type { JsonObject } from '../core/json.js';
import { isObject } from '../core/json.js';
import { result, type McpReply } from '../core/message.js';
import type { Implementation, Peer } from '../core/peer.js';
import { negotiate, type IncomingRequest } from '../protocol/index.js';
import type { Route } from '../routing/index.js';

/** The peer that an `initialize` introduces, with the revision that was agreed on. */
export function peerFrom({ params }: IncomingRequest): Peer {
  const { protocolVersion, capabilities, clientInfo } = params?.object() ?? {};
  return {
    era: 'legacy',
    revision: negotiate(typeof protocolVersion === 'string' ? protocolVersion : '').date,
    capabilities: isObject(capabilities) ? capabilities : {},
    info: implementation(clientInfo),
  };
}

/** The answer to `initialize`: from what the route knows already, never waiting for an upstream. */
export function welcome(peer: Peer, route: Route, { name, version }: Implementation): McpReply {
  const { capabilities, instructions } = route.introduction();
  return result({
    protocolVersion: peer.revision,
    capabilities,
    serverInfo: { name, version },
    ...(instructions !== undefined && { instructions }),
  });
}

/** For display only, so it is never a reason to refuse anybody. */
function implementation(clientInfo: unknown): Implementation {
  const { name, version }: JsonObject = isObject(clientInfo) ? clientInfo : {};
  return { name: typeof name === 'string' ? name : '', version: typeof version === 'string' ? version : '' };
}
