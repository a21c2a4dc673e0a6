import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

import type { INestApplication } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { type ServerOptions, WebSocketServer } from 'ws';

import { ConfigService } from '../../config/index.js';
import { GatewayError } from '../../core/errors.js';
import { ServerSection } from '../server.section.js';
import { CloseCode } from './close-code.js';
import { RefusedUpgrade } from './refused-upgrade.js';
import { SUBPROTOCOL, UpgradeGate } from './upgrade-gate.js';

const ignore = (): void => undefined;

/** How long a client may take to answer a close before its connection is cut. Milliseconds. */
const CLOSE_GRACE_MS = 5_000;

/** A message in smaller pieces than this on average, and more of them than that, costs more than it says. */
const BYTES_PER_CHUNK = 256;
const MIN_BUFFERED_CHUNKS = 1_024;

/** The published types lag behind the library. */
type Options = ServerOptions & { readonly closeTimeout: number };

/**
 * Nest's WebSocket adapter for raw MCP: one `upgrade` listener on the application's own server, every
 * handshake judged by the `UpgradeGate`, frames untouched, and a proper close at the end.
 */
export class McpWsAdapter extends WsAdapter {
  private detach: (() => void) | undefined;

  constructor(private readonly app: INestApplication) {
    super(app);
  }

  override create(port: number, given?: Record<string, unknown>): WebSocketServer {
    if (port !== 0) return super.create(port, given) as WebSocketServer;
    const { maxBodyBytes } = this.app.get(ConfigService).get(ServerSection);
    const options: Options = {
      noServer: true,
      perMessageDeflate: false,
      maxPayload: maxBodyBytes,
      maxFragments: 1_024,
      maxBufferedChunks: Math.max(MIN_BUFFERED_CHUNKS, maxBodyBytes / BYTES_PER_CHUNK),
      closeTimeout: CLOSE_GRACE_MS,
      handleProtocols: (offered) => offered.has(SUBPROTOCOL) && SUBPROTOCOL,
    };
    const server = new WebSocketServer(options);
    this.attach(server);
    return server;
  }

  /** Nest would parse every frame even for a gateway without message handlers. */
  override bindMessageHandlers(): void {}

  override async close(server: WebSocketServer): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const websocket of server.clients) websocket.close(CloseCode.GOING_AWAY, 'the gateway is stopping');
    const cut = setTimeout(() => {
      for (const websocket of server.clients) websocket.terminate();
    }, CLOSE_GRACE_MS);
    await closed;
    clearTimeout(cut);
  }

  override async dispose(): Promise<void> {
    this.detach?.();
    await super.dispose();
  }

  private attach(server: WebSocketServer): void {
    const gate = this.app.get(UpgradeGate);
    const refused = this.app.get(RefusedUpgrade);
    const http = this.httpServer as Server;
    const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      // The client may be gone at any moment, and nobody else listens yet.
      socket.on('error', ignore);
      gate
        .admit(request)
        .then((admission) => {
          gate.checkRoom(admission);
          socket.off('error', ignore);
          server.handleUpgrade(request, socket, head, (opened) =>
            server.emit('connection', opened, request, admission),
          );
        })
        .catch((thrown: unknown) => refused.refuse(request, socket, GatewayError.from(thrown)));
    };
    http.on('upgrade', onUpgrade);
    this.detach = () => http.off('upgrade', onUpgrade);
  }
}
