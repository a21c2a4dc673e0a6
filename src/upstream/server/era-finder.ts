import { Logger } from '@nestjs/common';

import { GatewayError, UnsentError } from '../../core/errors.js';
import type { ServerPeer } from '../../core/peer.js';
import type { Channel } from '../channel/channel.js';
import type { ChannelOwner } from '../channel/channel-owner.js';
import { discover } from '../channel/discover.js';
import { initialize } from '../channel/initialize.js';
import { connect, openChannel, type Destination, type Introduction, type Opening } from '../channel/open-channel.js';
import { schemeOf } from '../server-settings.js';
import { saysOlderTransport, StatusError } from '../transports/http/status-error.js';
import type { UpstreamTransport } from '../upstream-transport.js';
import type { ServerContext, Wire } from '../wire.js';
import { EraMemory } from './era-memory.js';

/** How long a server may take to say what it is before it is taken for one that does not understand. Milliseconds. */
const PROBE_MS = 5_000;

/** The server was reached, and said nothing to the question what it is. */
class NoAnswerError extends GatewayError {}

/**
 * Opens channels to one server of which configuration does not say, or does say, what era it is of. What is found
 * out is remembered: a server is asked again when it was away, when it fails, and once a day.
 */
export class EraFinder {
  readonly memory: EraMemory;
  private readonly logger = new Logger('upstream');

  constructor(
    private readonly transport: UpstreamTransport,
    private readonly context: ServerContext,
  ) {
    this.memory = new EraMemory(context.clock);
  }

  /** Whether it is a matter of finding out, and of asking again now and then. */
  get mayChange(): boolean {
    const { era, transport } = this.context.settings;
    return era === 'auto' && transport !== 'sse';
  }

  /** Whether one can be asked what it is without being disturbed. */
  get isOverHttp(): boolean {
    const scheme = schemeOf(this.context.settings);
    return scheme === 'http' || scheme === 'https';
  }

  /** @throws as `openChannel` */
  async open(owner: ChannelOwner, opening: Opening): Promise<Channel> {
    const { era } = this.context.settings;
    const destination = { transport: this.transport, context: this.context, owner, opening };
    if (era === 'modern') return this.modern(destination);
    if (!this.mayChange) return this.legacy(destination);
    if (this.memory.certain === 'legacy') return this.remembered(destination);
    return this.isOverHttp ? this.foundByPost(destination) : this.foundOnWire(destination);
  }

  /** Looks whether the server has become a modern one. @throws as `openChannel`, when it has not */
  async reopen(owner: ChannelOwner, opening: Opening): Promise<Channel> {
    return this.found(await this.modern({ transport: this.transport, context: this.context, owner, opening }));
  }

  private legacy({ transport, context, owner, opening }: Destination): Promise<Channel> {
    return openChannel(transport, context, owner, opening);
  }

  private modern(destination: Destination): Promise<Channel> {
    const { settings, clock } = this.context;
    return connect(destination, 'modern', async (channel, wire) => {
      const peer = await discover(channel, wire, clock.now() + settings.initializeTimeout);
      if (peer !== 'legacy') return peer;
      throw new GatewayError('upstream_protocol_error', 'the server speaks no revision that is known here');
    });
  }

  /** Over HTTP each era has its own kind of wire. */
  private async foundByPost(destination: Destination): Promise<Channel> {
    try {
      return this.found(await this.modern(destination));
    } catch (thrown) {
      if (!speaksForLegacy(thrown)) throw thrown;
    }
    return this.found(await this.legacy(destination));
  }

  /** Elsewhere a wire is good for both, unless the server does not get over being asked. */
  private async foundOnWire(destination: Destination): Promise<Channel> {
    const { memory } = this;
    const { opening } = destination;
    const wasModern = memory.certain === 'modern';
    try {
      const either: Introduction = (channel, wire) => this.either(channel, wire, opening);
      return this.found(await connect(destination, 'modern', either));
    } catch (thrown) {
      if (!(thrown instanceof NoAnswerError)) throw thrown;
      memory.doubt();
      // A modern server that goes away is one that fails, as others do.
      if (wasModern) throw thrown.cause;
    }
    try {
      return this.found(await this.legacy(destination), false);
    } catch (thrown) {
      memory.isSlow = true;
      throw thrown;
    }
  }

  private async either(channel: Channel, wire: Wire, { capabilities, giveUp }: Opening): Promise<ServerPeer> {
    const peer = await this.answer(channel, wire, giveUp);
    if (peer !== 'legacy') return peer;
    channel.speak('legacy');
    return initialize(channel, wire, this.context, capabilities);
  }

  private async answer(channel: Channel, wire: Wire, giveUp: AbortSignal): Promise<ServerPeer | 'legacy'> {
    const { clock, settings } = this.context;
    const { memory } = this;
    const isPatient = memory.isSlow || memory.certain === 'modern';
    const patience = isPatient ? settings.initializeTimeout : Math.min(settings.initializeTimeout, PROBE_MS);
    try {
      return await discover(channel, wire, clock.now() + patience);
    } catch (thrown) {
      const error = GatewayError.from(thrown);
      if (giveUp.aborted) throw error;
      // It did answer, in whatever way.
      if (error.code === 'upstream_protocol_error') return 'legacy';
      throw new NoAnswerError(error.code, error.message, {}, { cause: error });
    }
  }

  /** A server that was legacy when it was asked last. */
  private async remembered(destination: Destination): Promise<Channel> {
    try {
      return await this.legacy(destination);
    } catch (thrown) {
      // It was there, and did not take it.
      if (GatewayError.from(thrown).code === 'upstream_protocol_error') this.memory.doubt();
      throw thrown;
    }
  }

  /** @param answers as for `EraMemory.found` */
  private found(channel: Channel, answers = true): Channel {
    const { era, revision } = channel.peer;
    if (!this.memory.found(era, answers)) return channel;
    const { group, id } = this.context.settings;
    const msg = `server speaks the ${era} era`;
    this.logger.log({ msg, upstream_group: group, upstream_server: `${group}/${id}`, era, revision });
    return channel;
  }
}

/**
 * Whether a server that was asked over HTTP what it is does not understand the question. One that cannot be reached,
 * refuses our credentials, is busy or broken has said nothing of its era.
 */
function speaksForLegacy(thrown: unknown): boolean {
  if (!(thrown instanceof GatewayError) || thrown instanceof UnsentError) return false;
  if (thrown.code !== 'upstream_protocol_error') return false;
  return !(thrown.cause instanceof StatusError) || saysOlderTransport(thrown);
}
