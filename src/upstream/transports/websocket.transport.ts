import type { Duplex } from 'node:stream';

import { type ClientOptions, WebSocket } from 'ws';

import { UnsentError } from '../../core/errors.js';
import { UpstreamTransport } from '../upstream-transport.js';
import type { Wire, WireContext, WireListener } from '../wire.js';
import { WebSocketWire } from './websocket/websocket.wire.js';

const SUBPROTOCOL = 'mcp';

/** How long a server may take to close a connection that one of us has said is over. */
const CLOSE_MS = 2_000;

/** Speaks JSON-RPC over WebSocket, with the subprotocol `mcp` where the server knows it. */
@UpstreamTransport({ name: 'websocket', schemes: ['ws', 'wss'] })
export class WebSocketTransport implements UpstreamTransport {
  /** Servers that selected no subprotocol when one was offered. */
  private readonly plain = new Set<string>();

  async open(context: WireContext, listener: WireListener, giveUp?: AbortSignal): Promise<Wire> {
    const url = context.settings.url ?? '';
    const connecting = (subprotocols: string[]) => connect(subprotocols, context, listener, giveUp);
    if (this.plain.has(url)) return connecting([]);
    try {
      return await connecting([SUBPROTOCOL]);
    } catch (thrown) {
      if (!selectedNone(thrown)) throw thrown;
      this.plain.add(url);
      return connecting([]);
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

function connect(
  subprotocols: string[],
  context: WireContext,
  listener: WireListener,
  giveUp: AbortSignal | undefined,
): Promise<Wire> {
  const { url = '', headers, maxMessageBytes, connectTimeout } = context.settings;
  return new Promise((resolve, reject) => {
    const options: ClientOptions & { closeTimeout: number } = {
      headers,
      maxPayload: maxMessageBytes,
      perMessageDeflate: false,
      handshakeTimeout: connectTimeout,
      closeTimeout: CLOSE_MS,
      followRedirects: false,
    };
    const socket = new WebSocket(url, subprotocols, options);
    const giveItUp = (): void => socket.terminate();
    let stream: Duplex | undefined;
    const refuse = (cause?: unknown): void =>
      reject(new UnsentError('upstream_unavailable', 'the server could not be connected to', {}, { cause }));
    socket.once('upgrade', (response) => (stream = response.socket));
    socket.on('error', refuse);
    socket.once('close', () => {
      giveUp?.removeEventListener('abort', giveItUp);
      refuse();
    });
    giveUp?.addEventListener('abort', giveItUp);
    if (giveUp?.aborted) giveItUp();
    socket.once('open', () => {
      giveUp?.removeEventListener('abort', giveItUp);
      if (stream) resolve(new WebSocketWire(socket, stream, context, listener));
    });
  });
}
