import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

import { LaneConnection } from './lane-connection.js';
import type { LaneHost, LaneTimes, OnLane } from './lane-host.js';
import type { LaneRequest } from './lane-request.js';
import type { LaneResponse } from './lane-response.js';

/** How often those are looked for who take too long. Milliseconds. */
const SWEEP_MS = 1_000;

type Take = (this: Server, socket: Socket) => void;

/** Whoever answers what comes by the lane. */
export interface LaneService {
  /** Bytes of the longest body that is taken. Less than none while nothing is served. */
  maxBodyBytes(): number;
  /** Answers a request, now or later. */
  serve(request: LaneRequest, response: LaneResponse): void;
  /** What every answer carries: names and values in turn. */
  fixedFor(request: LaneRequest): readonly string[];
}

/**
 * Stands before a server's own reading of its connections, and reads plain POSTs to the MCP endpoints by itself, for
 * a fraction of what the server takes for it. Anything that is not written as plainly as can be goes to the server with
 * its connection, which stays there: no message is ever read by both, and no error is ever told by two.
 */
export class Lane implements LaneHost {
  /** A list in which everybody knows its place. */
  private readonly open: LaneConnection[] = [];
  private takers: readonly Take[] = [];
  private timer: NodeJS.Timeout | undefined;
  private told: { readonly seconds: number; readonly lines: string } | undefined;

  /** @param event that brings connections ready to be read */
  constructor(
    private readonly server: Server,
    private readonly event: 'connection' | 'secureConnection',
    private readonly service: LaneService,
  ) {}

  /** Takes its place. Has to be called before the server listens. */
  enter(): void {
    const { server, event } = this;
    this.takers = server.listeners(event) as Take[];
    server.removeAllListeners(event);
    server.on(event, (socket: Socket) => this.admit(socket));
    this.joinClosing('closeIdleConnections', () => this.destroy((each) => each.isIdle));
    this.joinClosing('closeAllConnections', () => this.destroy(() => true));
  }

  get times(): LaneTimes {
    return this.server;
  }

  get maxBodyBytes(): number {
    return this.service.maxBodyBytes();
  }

  get maxRequests(): number {
    return this.server.maxRequestsPerSocket || Number.POSITIVE_INFINITY;
  }

  get keepAlive(): string {
    const { keepAliveTimeout, maxRequestsPerSocket: max } = this.server;
    const seconds = Math.floor(keepAliveTimeout / 1_000);
    if (this.told?.seconds === seconds) return this.told.lines;
    const lines = `Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}${max ? `, max=${max}` : ''}\r\n`;
    this.told = { seconds, lines };
    return lines;
  }

  serve(request: LaneRequest, response: LaneResponse): void {
    this.service.serve(request, response);
  }

  fixedFor(request: LaneRequest): readonly string[] {
    return this.service.fixedFor(request);
  }

  handOver(connection: OnLane, bytes: Buffer): void {
    const { socket } = connection;
    this.forget(connection);
    connection.detach();
    for (const take of this.takers) take.call(this.server, socket);
    // At once, so that nothing that comes later is read before it.
    socket.emit('data', bytes);
  }

  forget(connection: OnLane): void {
    const { open } = this;
    const { place } = connection;
    if (open[place] !== connection) return;
    const last = open.pop();
    if (last && last !== connection) {
      open[place] = last;
      last.place = place;
    }
    if (open.length > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private admit(socket: Socket): void {
    const connection = new LaneConnection(socket, this);
    connection.place = this.open.push(connection) - 1;
    this.timer ??= setInterval(() => this.sweep(), SWEEP_MS).unref();
  }

  /** What has come while the process was busy is read before anybody is found to be late. */
  private sweep(): void {
    const now = performance.now();
    setImmediate(() => {
      for (let place = this.open.length - 1; place >= 0; place--) this.open[place]?.check(now);
    });
  }

  private destroy(isMeant: (connection: LaneConnection) => boolean): void {
    for (const connection of this.open.filter(isMeant)) connection.socket.destroy();
  }

  /** The server closes its own connections, and those that it has not heard of. */
  private joinClosing(method: 'closeIdleConnections' | 'closeAllConnections', close: () => void): void {
    const own = this.server[method].bind(this.server);
    this.server[method] = () => {
      own();
      close();
    };
  }
}
