import { Logger } from '@nestjs/common';

import type { ServerSettings } from '../server-settings.js';
import { UpstreamTransport } from '../upstream-transport.js';
import type { Wire, WireContext, WireListener } from '../wire.js';
import type { HttpWires } from './http-wires.js';
import { UndecidedWire } from './undecided.wire.js';

/**
 * Speaks JSON-RPC over Streamable HTTP. Connects with the first message, so opening always succeeds.
 *
 * Where configuration leaves the choice to us, a server that refuses the first message is tried over HTTP+SSE. One
 * that speaks it is spoken to like that from then on, until it cannot be opened that way.
 */
@UpstreamTransport({ name: 'streamable_http', schemes: ['http', 'https'] })
export class StreamableHttpTransport implements UpstreamTransport {
  private readonly logger = new Logger('upstream');
  private wires: HttpWires | undefined;
  private isOlder = false;

  async open(context: WireContext, listener: WireListener, giveUp?: AbortSignal): Promise<Wire> {
    // Many gateways have no use for it.
    const { HttpWires } = await import('./http-wires.js');
    const wires = (this.wires ??= new HttpWires());
    // The other transport is older than the modern era.
    if (context.era === 'modern' || context.settings.transport !== 'auto') return wires.streamable(context, listener);
    if (this.isOlder) return this.older(wires.sse(context, listener, giveUp));
    return new UndecidedWire(
      (heard) => wires.streamable(context, heard),
      (signal) => this.newlyOlder(wires.sse(context, listener, signal), context.settings),
      listener,
    );
  }

  private async older(opened: Promise<Wire>): Promise<Wire> {
    try {
      return await opened;
    } catch (thrown) {
      this.isOlder = false;
      throw thrown;
    }
  }

  private async newlyOlder(opened: Promise<Wire>, { group, id }: ServerSettings): Promise<Wire> {
    const wire = await opened;
    if (!this.isOlder) {
      const msg = 'server speaks HTTP+SSE only';
      this.logger.log({ msg, upstream_group: group, upstream_server: `${group}/${id}` });
    }
    this.isOlder = true;
    return wire;
  }
}
