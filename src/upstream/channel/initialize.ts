import type { JsonObject } from '../../core/json.js';
import { McpRequest } from '../../core/message.js';
import type { ServerPeer } from '../../core/peer.js';
import { codecFor, readParams } from '../../protocol/index.js';
import type { ServerContext, Wire } from '../wire.js';
import type { Channel } from './channel.js';

const CODEC = codecFor('legacy');

/**
 * Introduces us to a legacy server, and returns how the server introduced itself.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle
 * @throws `upstream_unavailable`, `upstream_timeout`, `upstream_protocol_error`
 */
export async function initialize(
  channel: Channel,
  wire: Wire,
  { settings, clock }: ServerContext,
  capabilities: JsonObject,
): Promise<ServerPeer> {
  const { client, initializeTimeout } = settings;
  const request = new McpRequest('initialize', readParams(CODEC.initializeParams(client, capabilities)));
  const peer = CODEC.readInitializeResult(await channel.ask(request, clock.now() + initializeTimeout));
  wire.negotiated(peer.revision);
  channel.notify('notifications/initialized');
  await wire.introduced();
  return peer;
}
