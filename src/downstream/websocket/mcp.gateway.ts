import type { IncomingMessage } from 'node:http';

import { Inject } from '@nestjs/common';
import { WebSocketGateway, type OnGatewayConnection } from '@nestjs/websockets';

import { ConfigService } from '../../config/index.js';
import type { FrameSocket, ScanLimits } from '../../protocol/index.js';
import { ROUTE_TABLE, type RouteTable } from '../../routing/index.js';
import { Connections } from '../connections.js';
import { Intake } from '../intake.js';
import { Receiver } from '../receiver.js';
import { scanLimits } from '../scan-limits.js';
import { ServerSection } from '../server.section.js';
import { PingWheel } from './ping-wheel.js';
import type { Admission } from './upgrade-gate.js';
import { WebSocketConnection, type WebSocketHost } from './websocket-connection.js';

/**
 * The MCP endpoint over WebSocket, at `/mcp` and below. Frames are taken raw: no handler of Nest's
 * stands between a frame and the receiver.
 */
@WebSocketGateway({ path: '/mcp' })
export class McpGateway implements OnGatewayConnection, WebSocketHost {
  readonly helloTimeout: number;
  readonly queueSoftBytes: number;
  readonly queueHardBytes: number;
  readonly scanLimits: (revision: string | undefined) => ScanLimits;

  constructor(
    readonly receiver: Receiver,
    @Inject(ROUTE_TABLE) readonly routes: RouteTable,
    readonly connections: Connections,
    readonly intake: Intake,
    readonly wheel: PingWheel,
    config: ConfigService,
  ) {
    const server = config.get(ServerSection);
    this.helloTimeout = server.headersTimeout;
    this.queueSoftBytes = server.queueSoftBytes;
    this.queueHardBytes = server.queueHardBytes;
    this.scanLimits = scanLimits(server);
  }

  handleConnection(socket: FrameSocket, _request: IncomingMessage, admission: Admission): void {
    socket.start(new WebSocketConnection(socket, admission, this));
  }
}
