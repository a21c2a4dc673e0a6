import type { ClientOptions } from 'ws';

import { UnsentError } from '../../core/errors.js';
import { UpstreamTransport } from '../upstream-transport.js';
import type { Wire, WireContext, WireListener } from '../wire.js';
import { Opening } from './websocket/opening.js';
import { WebSocketWire } from './websocket/websocket.wire.js';

const SUBPROTOCOL = 'mcp';

/** How long a server may take to close a connection that one of us has said is over. */
const CLOSE_MS = 2_000;

const MAX_FRAGMENTS = 16 * 1_024;
const MAX_PIECES = 256 * 1_024;

/** Speaks JSON-RPC over WebSocket, with the subprotocol `mcp` where the server knows it. */
@UpstreamTransport({ name: 'websocket', schemes: ['ws', 'wss'] })
export class WebSocketTransport implements UpstreamTransport {
  /** Servers that selected no subprotocol when one was offered. */
  private readonly plain = new Set<string>();

  async open(context: WireContext, listener: WireListener, giveUp?: AbortSignal): Promise<Wire> {
    const url = context.settings.url ?? '';
    const shown = await shownBy(context);
    const connecting = (subprotocols: string[]) => connect(subprotocols, shown, listener, giveUp);
    if (this.plain.has(url)) return connecting([]);
    try {
      return await connecting([SUBPROTOCOL]);
    } catch (thrown) {
      if (!says(thrown, 'Server sent no subprotocol')) {
        // Whoever tries again has others.
        if (says(thrown, 'Unexpected server response: 401')) shown.refused?.();
        throw thrown;
      }
      this.plain.add(url);
      return connecting([]);
    }
  }
}

/** A context with all headers that the connection is asked for with. */
interface ShownContext extends WireContext {
  /** The server did not accept the credentials. */
  readonly refused?: () => void;
}

/** A connection is one client's for as long as it is open: its token is that of the moment in which it is opened. */
async function shownBy(context: WireContext): Promise<ShownContext> {
  const { credentials, settings, owner } = context;
  if (!credentials) return context;
  const principal = owner?.holder?.principal;
  const shown = await credentials.headersFor(principal);
  const headers = { ...settings.headers, ...shown };
  const refused = (): void => void credentials.refused(shown, principal);
  return { ...context, settings: { ...settings, headers }, refused };
}

/**
 * Whether the client library gave up with these words. That a server selects none of the subprotocols offered is a
 * failure to it, although RFC 6455 lets a server do so.
 */
function says(thrown: unknown, words: string): boolean {
  return thrown instanceof UnsentError && thrown.cause instanceof Error && thrown.cause.message === words;
}

function connect(
  subprotocols: string[],
  context: WireContext,
  listener: WireListener,
  giveUp: AbortSignal | undefined,
): Promise<Wire> {
  const { clock, settings } = context;
  const { url = '', headers, maxMessageBytes, connectTimeout, tlsOptions } = settings;
  return new Promise((resolve, reject) => {
    const options: ClientOptions = {
      headers,
      perMessageDeflate: false,
      handshakeTimeout: connectTimeout,
      followRedirects: false,
      ...tlsOptions,
      rejectUnauthorized: true,
    };
    const opening = new Opening(url, subprotocols, options);
    const giveItUp = (): void => opening.terminate();
    const refuse = (cause?: unknown): void =>
      reject(new UnsentError('upstream_unavailable', 'the server could not be connected to', {}, { cause }));
    opening.on('error', refuse);
    opening.once('close', () => {
      giveUp?.removeEventListener('abort', giveItUp);
      refuse();
    });
    giveUp?.addEventListener('abort', giveItUp);
    if (giveUp?.aborted) giveItUp();
    opening.once('open', () => {
      giveUp?.removeEventListener('abort', giveItUp);
      const socket = opening.frames({
        role: 'client',
        maxBytes: maxMessageBytes,
        maxFragments: MAX_FRAGMENTS,
        maxPieces: MAX_PIECES,
        closeMs: CLOSE_MS,
        clock,
      });
      const wire = new WebSocketWire(socket, context, listener);
      socket.start(wire);
      resolve(wire);
    });
  });
}
