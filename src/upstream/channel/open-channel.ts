import { UnsentError } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import { McpRequest } from '../../core/message.js';
import type { ServerPeer } from '../../core/peer.js';
import { codecFor, readParams } from '../../protocol/index.js';
import type { UpstreamTransport } from '../upstream-transport.js';
import type { Wire, WireContext } from '../wire.js';
import type { ChannelOwner } from './channel-owner.js';
import { LegacyChannel } from './legacy-channel.js';

const CODEC = codecFor('legacy');

/** How a channel is to be opened. */
export interface Opening {
  /** What is declared to the server. */
  readonly capabilities: JsonObject;
  /** When it aborts, nobody waits for the introduction any more. */
  readonly giveUp: AbortSignal;
}

/**
 * Connects and introduces us.
 *
 * @throws `upstream_unavailable`, `upstream_timeout`, `upstream_protocol_error`; whatever was opened is closed again
 */
export async function openChannel(
  transport: UpstreamTransport,
  context: WireContext,
  owner: ChannelOwner,
  { capabilities, giveUp }: Opening,
): Promise<LegacyChannel> {
  const channel = new LegacyChannel(context, owner);
  const wire = await transport.open(context, channel, giveUp);
  channel.connected(wire);
  const unwanted = (): void =>
    channel.closed(new UnsentError('upstream_unavailable', 'the server is not wanted any more'));
  giveUp.addEventListener('abort', unwanted);
  try {
    if (giveUp.aborted) unwanted();
    channel.metWith(await introduce(channel, wire, context, capabilities));
  } catch (thrown) {
    await channel.close();
    throw thrown;
  } finally {
    giveUp.removeEventListener('abort', unwanted);
  }
  return channel;
}

/**
 * Introduces us, and returns how the server introduced itself.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle
 */
async function introduce(
  channel: LegacyChannel,
  wire: Wire,
  { settings, clock }: WireContext,
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
