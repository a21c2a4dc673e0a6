import { UpstreamTransport } from '../upstream-transport.js';
import type { Wire, WireContext, WireListener } from '../wire.js';
import type { HttpWires } from './http-wires.js';

/** Speaks JSON-RPC over HTTP+SSE, the HTTP transport of 2024-11-05, which others call SSE. */
@UpstreamTransport({ name: 'sse', schemes: ['http', 'https'] })
export class SseTransport implements UpstreamTransport {
  private wires: HttpWires | undefined;

  async open(context: WireContext, listener: WireListener, giveUp?: AbortSignal): Promise<Wire> {
    // Many gateways have no use for it.
    const { HttpWires } = await import('./http-wires.js');
    this.wires ??= new HttpWires();
    return this.wires.sse(context, listener, giveUp);
  }
}
