import cluster from 'node:cluster';
import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';

import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';

import { ConfigService } from '../../config/index.js';
import { GatewayError } from '../../core/errors.js';
import { replyFrame, type ScanLimits } from '../../protocol/index.js';
import { ROUTE_TABLE, type RouteTable } from '../../routing/index.js';
import { connectionLimit } from '../connection-limit.js';
import { Connections } from '../connections.js';
import { Intake } from '../intake.js';
import { Receiver } from '../receiver.js';
import { scanLimits } from '../scan-limits.js';
import { ServerSection } from '../server.section.js';
import { PingWheel } from '../websocket/ping-wheel.js';
import { WriteGatherer } from '../websocket/write-gatherer.js';
import { MAX_PATH_BYTES, removeStale } from './socket-file.js';
import { UnixConnection, type UnixHost } from './unix-connection.js';

/** Connections that may wait to be accepted: a restart brings all clients back at once. */
const BACKLOG = 4_096;
/** Connections that are still accepted beyond the limit, so that they can be told so. */
const HEADROOM = 64;
const ALL_BITS = 0o777;

/** The MCP endpoint on a unix socket, where the configuration wants one: all groups, for whoever may open the file. */
@Injectable()
export class UnixListener implements UnixHost, OnModuleDestroy {
  readonly writes = new WriteGatherer();
  readonly helloTimeout: number;
  readonly queueSoftBytes: number;
  readonly queueHardBytes: number;
  readonly maxBodyBytes: number;
  readonly scanLimits: (revision: string | undefined) => ScanLimits;
  private readonly logger = new Logger('UnixListener');
  private readonly section: ServerSection;
  private readonly maxConnections: number;
  private readonly open = new Set<UnixConnection>();
  private server: Server | undefined;
  /** Whether no other worker listens there: then what a crash has left may be removed. */
  isFirst = true;
  /** Settles when nobody is connected any more. */
  private closed: Promise<void> | undefined;

  constructor(
    readonly receiver: Receiver,
    @Inject(ROUTE_TABLE) readonly routes: RouteTable,
    readonly connections: Connections,
    readonly intake: Intake,
    readonly wheel: PingWheel,
    config: ConfigService,
  ) {
    this.section = config.get(ServerSection);
    this.maxConnections = connectionLimit(this.section);
    this.helloTimeout = this.section.headersTimeout;
    this.queueSoftBytes = this.section.queueSoftBytes;
    this.queueHardBytes = this.section.queueHardBytes;
    this.maxBodyBytes = this.section.maxBodyBytes;
    this.scanLimits = scanLimits(this.section);
  }

  /** Where it listens: `unix:` and the path. Undefined while it does not. */
  get url(): string | undefined {
    return this.server && `unix:${this.section.unixSocket}`;
  }

  /**
   * Listens where the configuration says so; does nothing where it says nothing. What a crash has left under
   * that name is removed first.
   *
   * @throws `config_invalid`
   */
  async start(): Promise<void> {
    const { unixSocket: path } = this.section;
    if (path === undefined) return;
    try {
      if (Buffer.byteLength(path) > MAX_PATH_BYTES) throw new Error(`it is longer than ${MAX_PATH_BYTES} bytes`);
      if (this.isFirst) await removeStale(path);
      this.server = await this.listen(path);
    } catch (cause) {
      throw new GatewayError(
        'config_invalid',
        `[server] cannot listen on unix_socket: ${reasonOf(cause)}`,
        {},
        { cause },
      );
    }
  }

  /** Takes no connection any more, and removes the file. Whoever is connected stays. */
  stop(): void {
    const { server } = this;
    if (!server) return;
    this.server = undefined;
    this.closed = new Promise((resolve) => server.close(() => resolve()));
  }

  /** Settles when the last answers have left, or have had the time to. */
  async onModuleDestroy(): Promise<void> {
    this.stop();
    for (const connection of this.open) connection.close();
    await this.closed;
  }

  private async listen(path: string): Promise<Server> {
    const server = createServer((socket) => this.accept(socket));
    // What is dropped is so at once: workers that are full would hand a connection to each other for ever.
    Object.assign(server, { maxConnections: this.maxConnections + HEADROOM, dropMaxConnection: true });
    const listening = once(server, 'listening');
    // The file gets its mode as it is made, at once and before anybody can connect.
    const before = process.umask(ALL_BITS & ~Number.parseInt(this.section.unixSocketMode, 8));
    try {
      server.listen({ path, backlog: BACKLOG, exclusive: !cluster.isWorker });
    } finally {
      process.umask(before);
    }
    await listening;
    // The primary has made the file, for its own user alone: it knows of no mode.
    if (cluster.isWorker) await chmod(path, Number.parseInt(this.section.unixSocketMode, 8));
    server.on('error', (error) => this.logger.error(error));
    return server;
  }

  private accept(socket: Socket): void {
    if (this.connections.lasting >= this.maxConnections) return refuse(socket);
    // It lives by the listeners that it puts on its socket.
    const connection = new UnixConnection(socket, this);
    this.open.add(connection);
    socket.once('close', () => this.open.delete(connection));
  }
}

/** Says that there is no room, and hangs up. */
function refuse(socket: Socket): void {
  const error = new GatewayError('limit_connections', 'too many connections');
  socket.on('error', () => undefined);
  socket.end(Buffer.concat([replyFrame(undefined, error.toReply('legacy')), Buffer.from('\n')]), () =>
    socket.destroy(),
  );
}

function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === undefined) return message;
  if (code === 'EADDRINUSE') return 'it is in use';
  if (code === 'EACCES') return 'there is no such directory, or this user may not write there';
  return code;
}
