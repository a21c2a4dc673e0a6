import type { Duplex } from 'node:stream';

import { WebSocket } from 'ws';

import { UnsentError } from '../../core/errors.js';
import { UpstreamTransport } from '../upstream-transport.js';
import type { Wire, WireContext, WireListener } from '../wire.js';
import { WebSocketWire } from './websocket/websocket.wire.js';

const SUBPROTOCOL = 'mcp';

/** Speaks JSON-RPC over WebSocket, with the subprotocol `mcp` where the server knows it. */
@UpstreamTransport({ name: 'websocket', schemes: ['ws', 'wss'] })
export class WebSocketTransport implements UpstreamTransport {
  /** Servers that selected no subprotocol when one was offered. */
  private readonly plain = new Set<string>();

  async open(context: WireContext, listener: WireListener): Promise<Wire> {
    const url = context.settings.url ?? '';
    if (this.plain.has(url)) return connect(context, listener, []);
    try {
      return await connect(context, listener, [SUBPROTOCOL]);
    } catch (thrown) {
      if (!selectedNone(thrown)) throw thrown;
      this.plain.add(url);
      return connect(context, listener, []);
    }
  }
}

/** RFC 6455 lets a server select none of the subprotocols offered; the client library takes that for a failure. */
function selectedNone(thrown: unknown): boolean {
  return (
    thrown instanceof UnsentError &&
    thrown.cause instanceof Error &&
    thrown.cause.message === 'Server sent no subprotocol'
  );
}

function connect(context: WireContext, listener: WireListener, subprotocols: string[]): Promise<Wire> {
  const { url = '', headers, maxMessageBytes, connectTimeout } = context.settings;
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, subprotocols, {
      headers,
      maxPayload: maxMessageBytes,
      perMessageDeflate: false,
      handshakeTimeout: connectTimeout,
      followRedirects: false,
    });
    let stream: Duplex | undefined;
    const refuse = (cause?: unknown): void =>
      reject(new UnsentError('upstream_unavailable', 'the server could not be connected to', {}, { cause }));
    socket.once('upgrade', (response) => (stream = response.socket));
    socket.on('error', refuse);
    socket.once('close', () => refuse());
    socket.once('open', () => {
      if (stream) resolve(new WebSocketWire(socket, stream, context, listener));
    });
  });
}
