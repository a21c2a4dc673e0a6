import { UnsentError } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import type { Era, ServerPeer } from '../../core/peer.js';
import type { UpstreamTransport } from '../upstream-transport.js';
import type { ServerContext, Wire } from '../wire.js';
import { Channel } from './channel.js';
import type { ChannelOwner } from './channel-owner.js';
import { initialize } from './initialize.js';

/** How a channel is to be opened. */
export interface Opening {
  /** What is declared to a server that wants to know it for the whole session. */
  readonly capabilities: JsonObject;
  /** When it aborts, nobody waits for the introduction any more. */
  readonly giveUp: AbortSignal;
}

/** Finds out what the server at the other end is, and introduces us where that is due. @throws why it could not */
export type Introduction = (channel: Channel, wire: Wire) => Promise<ServerPeer>;

/** Where a channel leads to, and how it is opened. */
export interface Destination {
  readonly transport: UpstreamTransport;
  readonly context: ServerContext;
  readonly owner: ChannelOwner;
  readonly opening: Opening;
}

/**
 * Connects to a legacy server and introduces us.
 *
 * @throws `upstream_unavailable`, `upstream_timeout`, `upstream_protocol_error`; whatever was opened is closed again
 */
export function openChannel(
  transport: UpstreamTransport,
  context: ServerContext,
  owner: ChannelOwner,
  opening: Opening,
): Promise<Channel> {
  return connect({ transport, context, owner, opening }, 'legacy', (channel, wire) =>
    initialize(channel, wire, context, opening.capabilities),
  );
}

/**
 * Connects and lets the server be introduced.
 *
 * @param era in whose words the server is spoken to first
 * @throws as `openChannel`
 */
export async function connect(
  { transport, context, owner, opening }: Destination,
  era: Era,
  introduce: Introduction,
): Promise<Channel> {
  const { giveUp, capabilities } = opening;
  const channel = new Channel(context, owner, era);
  const mayAsk = Object.keys(capabilities).length > 0;
  const wire = await transport.open({ ...context, era, mayAsk, owner }, channel, giveUp);
  channel.connected(wire);
  const unwanted = (): void =>
    channel.closed(new UnsentError('upstream_unavailable', 'the server is not wanted any more'));
  giveUp.addEventListener('abort', unwanted);
  try {
    if (giveUp.aborted) unwanted();
    channel.metWith(await introduce(channel, wire));
  } catch (thrown) {
    await channel.close();
    throw thrown;
  } finally {
    giveUp.removeEventListener('abort', unwanted);
  }
  return channel;
}
