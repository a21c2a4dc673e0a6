import { UpstreamTransport } from '../upstream-transport.js';
import type { Wire, WireContext, WireListener } from '../wire.js';

/** Speaks JSON-RPC over Streamable HTTP. Connects with the first message, so opening always succeeds. */
@UpstreamTransport({ name: 'streamable_http', schemes: ['http', 'https'] })
export class StreamableHttpTransport implements UpstreamTransport {
  async open(context: WireContext, listener: WireListener): Promise<Wire> {
    // Its HTTP client is large, and many gateways have no use for it.
    const { StreamableHttpWire } = await import('./http/streamable-http.wire.js');
    return new StreamableHttpWire(context, listener);
  }
}
