import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';

import type { ListenerTls } from '../../src/core/listener-tls.js';
import type { HttpRequest, HttpResponse } from '../../src/downstream/http/http-message.js';
import { Lane } from '../../src/downstream/http/lane/lane.js';
import { createListener } from '../../src/downstream/http/listener.js';

export const MAX_BODY_BYTES = 4 * 1_024 * 1_024;

export type LaneHandler = (request: HttpRequest, response: HttpResponse) => void;

export interface LaneBenchOptions {
  /** False for a server that reads everything by itself. */
  readonly lane?: boolean;
  readonly maxBodyBytes?: number;
  readonly times?: { headersTimeout?: number; requestTimeout?: number; keepaliveTimeout?: number };
  readonly tls?: TlsOptions;
}

/** A server with a lane before it, and one handler for what comes by either. */
export class LaneBench {
  /** How many requests came by the lane, and how many by the server. */
  readonly came = { lane: 0, server: 0 };

  private constructor(readonly server: Server) {}

  static async start(
    handler: LaneHandler,
    { lane = true, maxBodyBytes = MAX_BODY_BYTES, times = {}, tls }: LaneBenchOptions = {},
  ): Promise<LaneBench> {
    const listenerTls = tls && ({ options: tls, serve: () => undefined } as unknown as ListenerTls);
    const all = { headersTimeout: 60_000, requestTimeout: 60_000, keepaliveTimeout: 60_000, ...times };
    const server = createListener({ tls: listenerTls, times: all }, (request, response) => {
      bench.came.server++;
      handler(request, response);
    });
    const bench = new LaneBench(server);
    if (lane) bench.enter(handler, maxBodyBytes);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return bench;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  connect(): LaneClient {
    return new LaneClient(connect({ port: this.port, host: '127.0.0.1', noDelay: true }));
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private enter(handler: LaneHandler, maxBodyBytes: number): void {
    new Lane(this.server, 'setSecureContext' in this.server ? 'secureConnection' : 'connection', {
      maxBodyBytes: () => maxBodyBytes,
      fixedFor: () => [],
      serve: (request, response) => {
        this.came.lane++;
        handler(request, response);
      },
    }).enter();
  }
}

/** A connection on which bytes are said as they are, and what was heard on it. */
export class LaneClient {
  heard = '';
  isClosed = false;

  constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => (this.heard += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => (this.isClosed = true));
  }

  say(bytes: string | Buffer): void {
    this.socket.write(bytes);
  }

  /** Until so many bodies have ended with that text. */
  async hears(text: string, times = 1): Promise<void> {
    await vi.waitUntil(() => this.heard.split(text).length > times, { timeout: 10_000, interval: 2 });
  }

  async closed(): Promise<void> {
    await vi.waitUntil(() => this.isClosed, { timeout: 10_000, interval: 2 });
  }
}

/** A plain POST. */
export function plainPost(body: string, headers = ''): string {
  return `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`;
}
