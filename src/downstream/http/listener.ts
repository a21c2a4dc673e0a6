import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';

import { Logger } from '@nestjs/common';

import type { ListenerTls } from '../../core/listener-tls.js';

/** Bytes of all headers of a request together. */
const MAX_HEADER_BYTES = 16 * 1_024;
/** How often the server looks for requests that take too long to arrive. Milliseconds. */
const CHECK_INTERVAL_MS = 1_000;
const MAX_REQUESTS_PER_SOCKET = 10_000;

/** How long a client may take, in milliseconds. */
export interface ListenerTimes {
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly keepaliveTimeout: number;
}

/** What an HTTP server of ours bounds before anybody is heard, and what it speaks: plain HTTP without `tls`. */
export interface ListenerOptions {
  readonly tls?: ListenerTls | undefined;
  readonly times: ListenerTimes;
  readonly responses?: typeof ServerResponse<IncomingMessage>;
}

/** An HTTP server, not listening yet, that shows the certificate of the process where it has one. */
export function createListener({ tls, times, responses }: ListenerOptions, listener: RequestListener): Server {
  const bounds = {
    maxHeaderSize: MAX_HEADER_BYTES,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    noDelay: true,
    // An offer of another protocol (h2c, say) may be ignored, and is: the request is answered as it stands.
    shouldUpgradeCallback: (request: IncomingMessage) => request.headers.upgrade?.toLowerCase() === 'websocket',
    ...(responses ? { ServerResponse: responses } : {}),
  };
  if (!tls) return bounded(lasting(createServer(bounds, listener)), times);
  // Who says nothing, or something else than TLS, is cut off like whoever sends no headers.
  const handshakeTimeout = times.headersTimeout;
  const server = createTlsServer({ ...tls.options, ...bounds, handshakeTimeout }, listener);
  tls.serve(server);
  return bounded(lasting(server), times);
}

/** Once it listens, a connection that the system cannot accept is no reason to stop: nobody else would hear of it. */
function lasting<T extends Server>(server: T): T {
  return server.once('listening', () => server.on('error', (error) => new Logger('Listener').error(error)));
}

/** Sets how long clients of a server may take. */
export function bounded<T extends Server>(server: T, times: ListenerTimes): T {
  return Object.assign(server, {
    headersTimeout: times.headersTimeout,
    requestTimeout: times.requestTimeout,
    keepAliveTimeout: times.keepaliveTimeout,
    maxRequestsPerSocket: MAX_REQUESTS_PER_SOCKET,
  });
}

/** Remembers the connections of a server, so that those can be cut too that are no HTTP yet. */
export class OpenSockets {
  private readonly sockets = new Set<Socket>();

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  destroyAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}
