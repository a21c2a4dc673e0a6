import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

import type { INestApplication } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { type Server as HandshakeServer, WebSocketServer } from 'ws';

import { ConfigService } from '../../config/index.js';
import { CLOCK } from '../../core/clock.js';
import { GatewayError } from '../../core/errors.js';
import { CloseCode, type FrameSocket, type FrameSocketOptions } from '../../protocol/index.js';
import { ServerSection } from '../server.section.js';
import { RefusedUpgrade } from './refused-upgrade.js';
import { SUBPROTOCOL, UpgradeGate } from './upgrade-gate.js';
import { Upgraded } from './upgraded.js';

const ignore = (): void => undefined;

/** How long a client may take to answer a close before its connection is cut. Milliseconds. */
const CLOSE_GRACE_MS = 5_000;

/** A frame in smaller pieces than this on average, and more of them than that, costs more than it says. */
const BYTES_PER_PIECE = 256;
const MIN_PIECES = 1_024;
const MAX_FRAGMENTS = 1_024;

/**
 * Nest's WebSocket adapter for raw MCP: one `upgrade` listener on the application's own server, every
 * handshake judged by the `UpgradeGate` and answered by the ws library, frames read and written by ourselves, and
 * a proper close at the end.
 */
export class McpWsAdapter extends WsAdapter {
  private readonly open = new Set<FrameSocket>();
  private detach: (() => void) | undefined;
  /** Called when the last connection is gone. */
  private left: (() => void) | undefined;

  constructor(private readonly app: INestApplication) {
    super(app);
  }

  override create(port: number, given?: Record<string, unknown>): WebSocketServer {
    if (port !== 0) return super.create(port, given) as WebSocketServer;
    const server = new WebSocketServer<typeof Upgraded>({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      handleProtocols: (offered) => offered.has(SUBPROTOCOL) && SUBPROTOCOL,
      WebSocket: Upgraded,
    });
    this.attach(server);
    return server;
  }

  /** Nest would parse every frame even for a gateway without message handlers. */
  override bindMessageHandlers(): void {}

  /** A connection ends its session by itself. */
  override bindClientDisconnect(): void {}

  override async close(server: WebSocketServer): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    const left = this.open.size > 0 ? new Promise<void>((resolve) => (this.left = resolve)) : undefined;
    for (const frames of this.open) frames.close(CloseCode.GOING_AWAY, 'the gateway is stopping');
    const cut = setTimeout(() => {
      for (const frames of this.open) frames.terminate();
    }, CLOSE_GRACE_MS);
    await Promise.all([closed, left]);
    clearTimeout(cut);
  }

  override async dispose(): Promise<void> {
    this.detach?.();
    await super.dispose();
  }

  private attach(server: HandshakeServer<typeof Upgraded>): void {
    const gate = this.app.get(UpgradeGate);
    const refused = this.app.get(RefusedUpgrade);
    const http = this.httpServer as Server;
    const options = this.frameOptions();
    const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      // The client may be gone at any moment, and nobody else listens yet.
      socket.on('error', ignore);
      gate
        .admit(request)
        .then((admission) => {
          gate.checkRoom(admission);
          socket.off('error', ignore);
          server.handleUpgrade(request, socket, head, (upgraded) => {
            const frames = upgraded.frames(options);
            this.keep(frames);
            server.emit('connection', frames, request, admission);
          });
        })
        .catch((thrown: unknown) => refused.refuse(request, socket, GatewayError.from(thrown)));
    };
    http.on('upgrade', onUpgrade);
    this.detach = () => http.off('upgrade', onUpgrade);
  }

  private frameOptions(): FrameSocketOptions {
    const { maxBodyBytes } = this.app.get(ConfigService).get(ServerSection);
    return {
      role: 'server',
      maxBytes: maxBodyBytes,
      maxFragments: MAX_FRAGMENTS,
      maxPieces: Math.max(MIN_PIECES, maxBodyBytes / BYTES_PER_PIECE),
      closeMs: CLOSE_GRACE_MS,
      clock: this.app.get(CLOCK),
    };
  }

  private keep(frames: FrameSocket): void {
    this.open.add(frames);
    frames.on('close', () => {
      this.open.delete(frames);
      if (this.open.size === 0) this.left?.();
    });
  }
}
