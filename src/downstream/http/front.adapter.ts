import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

import type { NestApplicationOptions } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';

import { headerProblem, isMcpPath, isSsePath, pathOf } from '../request-headers.js';
import type { ServerSection } from '../server.section.js';
import { refuse } from './refusal.js';

/** Bytes of all headers of a request together. */
const MAX_HEADER_BYTES = 16 * 1_024;
/** How often the server looks for requests that take too long to arrive. Milliseconds. */
const CHECK_INTERVAL_MS = 1_000;
const MAX_REQUESTS_PER_SOCKET = 10_000;
/** Connections that are still accepted beyond the limit, so that they can be told so. */
const HEADROOM = 64;
/** How long the last answers may take to leave when the server closes. Milliseconds. */
const CLOSE_GRACE_MS = 2_000;

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Takes the requests that are meant for an MCP endpoint. */
export interface Front {
  /** `/mcp` and below. */
  readonly mcp: Listener;
  /** `/sse` and below, and `/messages`. */
  readonly sse: Listener;
}

/**
 * Nest's Express adapter with the MCP endpoints in front: requests for them go straight to the service that serves
 * them, everything else to Express. Bounds what a client may do before it is heard, whatever it wants.
 *
 * `forceCloseConnections` and `return503OnClosing` of Nest have no effect: the drain ends what is open, and
 * whatever is left is cut shortly after the server was closed.
 */
export class FrontAdapter extends ExpressAdapter {
  private front: Front | undefined;

  /** Lets MCP requests in; until then they find nothing. */
  open(front: Front, server: ServerSection): void {
    this.front = front;
    const http = this.getHttpServer() as Server;
    http.headersTimeout = server.headersTimeout;
    http.requestTimeout = server.requestTimeout;
    http.keepAliveTimeout = server.keepaliveTimeout;
    http.maxRequestsPerSocket = MAX_REQUESTS_PER_SOCKET;
    http.maxConnections = server.maxConnections + HEADROOM;
  }

  override initHttpServer(options: NestApplicationOptions): void {
    const express = this.getInstance() as Listener;
    const listener: Listener = (request, response) => {
      const problem = headerProblem(request);
      if (problem) refuse(response, problem);
      else (this.frontFor(pathOf(request.url)) ?? express)(request, response);
    };
    const bounds = {
      maxHeaderSize: MAX_HEADER_BYTES,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      noDelay: true,
      // An offer of another protocol (h2c, say) may be ignored, and is: the request is answered as it stands.
      shouldUpgradeCallback: (request: IncomingMessage) => request.headers.upgrade?.toLowerCase() === 'websocket',
    };
    this.httpServer = options.httpsOptions
      ? createTlsServer({ ...options.httpsOptions, ...bounds }, listener)
      : createServer(bounds, listener);
  }

  private frontFor(path: string): Listener | undefined {
    if (isMcpPath(path)) return this.front?.mcp;
    return isSsePath(path) ? this.front?.sse : undefined;
  }

  override close(): Promise<unknown> | undefined {
    const closed = super.close();
    const http = this.getHttpServer() as Server;
    const cut = setTimeout(() => http.closeAllConnections(), CLOSE_GRACE_MS);
    return closed?.finally(() => clearTimeout(cut));
  }
}
