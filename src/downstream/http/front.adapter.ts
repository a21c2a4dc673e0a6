import type { IncomingMessage, RequestListener, Server } from 'node:http';

import { ExpressAdapter } from '@nestjs/platform-express';

import type { ListenerTls } from '../../core/listener-tls.js';
import { connectionLimit } from '../connection-limit.js';
import type { Cors } from '../cors/cors.js';
import { responsesWith } from '../headers/front-response.js';
import type { SecurityHeaders } from '../headers/security-headers.js';
import { ProxyEntrance } from '../proxy/proxy-entrance.js';
import { TrustedProxies } from '../proxy/trusted-proxies.js';
import { headerProblem, isMcpPath, isMetadataPath, isSsePath, pathOf } from '../request-headers.js';
import { ServerSection } from '../server.section.js';
import type { HttpRequest, HttpResponse } from './http-message.js';
import { Lane, type LaneService } from './lane/lane.js';
import { bounded, createListener, OpenSockets } from './listener.js';
import { refuse } from './refusal.js';

/** Connections that are still accepted beyond the limit, so that they can be told so. */
const HEADROOM = 64;
/** How long the last answers may take to leave when the server closes. Milliseconds. */
const CLOSE_GRACE_MS = 2_000;

/** Takes the requests that are meant for an MCP endpoint. */
export interface Front {
  /** `/mcp` and below. */
  readonly mcp: (request: HttpRequest, response: HttpResponse) => void;
  /** `/sse` and below, and `/messages`. */
  readonly sse: RequestListener;
  readonly cors: Cors;
  readonly headers: SecurityHeaders;
}

/**
 * Nest's Express adapter with the MCP endpoints in front: requests for them go straight to the service that serves
 * them, everything else to Express. Bounds what a client may do before it is heard, whatever it wants, and finds out
 * who it is behind the proxies that are trusted.
 *
 * `forceCloseConnections` and `return503OnClosing` of Nest have no effect: the drain ends what is open, and
 * whatever is left is cut shortly after the server was closed.
 */
export class FrontAdapter extends ExpressAdapter {
  private front: Front | undefined;
  private readonly proxies: TrustedProxies | undefined;
  private sockets: OpenSockets | undefined;
  /** Settles when nobody is connected any more, once no new connections are taken. */
  private left: Promise<unknown> | undefined;
  /** Less than none while nothing is served. */
  private maxBodyBytes = -1;

  /** @param tls undefined for plain HTTP */
  constructor(
    private readonly section: ServerSection = new ServerSection(),
    readonly tls?: ListenerTls,
  ) {
    super();
    this.proxies = TrustedProxies.of(section);
  }

  /** Lets MCP requests in; until then they find nothing. */
  open(front: Front, server: ServerSection): void {
    this.front = front;
    this.maxBodyBytes = server.maxBodyBytes;
    const maxConnections = connectionLimit(server) + HEADROOM;
    // What is dropped is so at once: workers that are full would hand a connection to each other for ever.
    Object.assign(bounded(this.getHttpServer() as Server, server), { maxConnections, dropMaxConnection: true });
  }

  override initHttpServer(): void {
    const { tls, proxies, section } = this;
    const responses = responsesWith((request) => this.front?.headers.of(request) ?? []);
    const server = createListener({ tls, times: section, responses }, this.listener());
    this.httpServer = server;
    new Lane(server, tls ? 'secureConnection' : 'connection', this.laneService()).enter();
    if (proxies) server.on('upgrade', (request: IncomingMessage) => proxies.note(request));
    if (proxies?.proxyProtocol) new ProxyEntrance(proxies, section.headersTimeout).guard(server);
    if (tls || proxies?.proxyProtocol) this.sockets = new OpenSockets(server);
  }

  private listener(): RequestListener {
    const express = this.getInstance() as RequestListener;
    const { proxies } = this;
    return (request, response) => {
      proxies?.note(request);
      const problem = headerProblem(request);
      if (problem) return refuse(response, problem);
      const path = pathOf(request.url);
      const endpoint = this.endpointAt(path);
      const cors = this.front?.cors;
      const greets = cors?.enabled === true && (endpoint !== undefined || isMetadataPath(path));
      if (!greets || !cors.greet(request, response)) (endpoint ?? express)(request, response);
    };
  }

  /** Plain POSTs to the MCP endpoints are read before the server reads anything, and end in the same hands. */
  private laneService(): LaneService {
    const { proxies } = this;
    return {
      maxBodyBytes: () => this.maxBodyBytes,
      fixedFor: (request) => this.front?.headers.of(request) ?? [],
      serve: (request, response) => {
        proxies?.note(request);
        const { cors, mcp } = this.front as Front;
        if (!cors.enabled || !cors.greet(request, response)) mcp(request, response);
      },
    };
  }

  private endpointAt(path: string): RequestListener | undefined {
    if (isMcpPath(path)) return this.front?.mcp;
    return isSsePath(path) ? this.front?.sse : undefined;
  }

  /** Takes no new connections from now on. Those that are open stay, unless they are idle. */
  stopListening(): void {
    this.left ??= new Promise((resolve) => (this.getHttpServer() as Server).close(resolve));
  }

  override close(): Promise<unknown> | undefined {
    const { left } = this;
    const closed = super.close()?.then(() => left);
    const http = this.getHttpServer() as Server;
    const cut = setTimeout(() => {
      http.closeAllConnections();
      this.sockets?.destroyAll();
    }, CLOSE_GRACE_MS);
    return closed?.finally(() => clearTimeout(cut));
  }
}
