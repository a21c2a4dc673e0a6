import type { Wire, WireContext, WireListener } from '../wire.js';
import { ConnectionTable } from './http/connection-table.js';
import { StreamableHttpWire } from './http/streamable-http.wire.js';
import { openSse } from './sse/opening.js';

/** Opens wires of both transports that HTTP servers speak, over connections that they share. */
export class HttpWires {
  private readonly connections = new ConnectionTable();

  streamable(context: WireContext, listener: WireListener): Wire {
    return new StreamableHttpWire(context, listener, this.connections.hold(context.settings));
  }

  /** @throws `upstream_unavailable` as `UnsentError` when the server opens no stream or names no endpoint */
  sse(context: WireContext, listener: WireListener, giveUp: AbortSignal | undefined): Promise<Wire> {
    return openSse(context, listener, this.connections.hold(context.settings), giveUp);
  }
}
