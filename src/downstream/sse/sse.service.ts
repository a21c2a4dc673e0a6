import type { IncomingMessage, ServerResponse } from 'node:http';

import { Inject, Injectable, Logger } from '@nestjs/common';

import { type Credentials, Reception } from '../../auth/index.js';
import { GatewayError } from '../../core/errors.js';
import type { Principal } from '../../core/principal.js';
import { ROUTE_TABLE, type RouteTable } from '../../routing/index.js';
import { HttpRules } from '../http/http-rules.js';
import { refuse } from '../http/refusal.js';
import { Intake } from '../intake.js';
import { addressOf, isMessagesPath, pathOf } from '../request-headers.js';
import { placeOf, sessionOf } from './endpoint.js';
import { MessageHandler, type Sender } from './message.handler.js';
import { SseSessions } from './sse-sessions.js';

/** `/sse` shows what `/mcp` shows, and so does whatever is below it. */
const STREAMS = '/sse';
const ROUTES = '/mcp';

const ignore = (): void => undefined;

/**
 * The MCP endpoints of HTTP+SSE, the transport of 2024-11-05: `GET /sse`, or `/sse/GROUP`, for the stream, and `POST
 * /messages` for whatever the client says. Any other method is answered 405: clients that look for Streamable HTTP
 * first take it to mean that they have to fall back.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#backwards-compatibility
 */
@Injectable()
export class SseService {
  private readonly logger = new Logger('Sse');

  constructor(
    @Inject(ROUTE_TABLE) private readonly routes: RouteTable,
    private readonly rules: HttpRules,
    private readonly reception: Reception,
    private readonly intake: Intake,
    private readonly sessions: SseSessions,
    private readonly messages: MessageHandler,
  ) {}

  /**
   * Answers the request, now or later. Never throws.
   *
   * @param shown what its client has shown, where another worker has handed it over
   */
  handle(request: IncomingMessage, response: ServerResponse, shown?: Credentials): void {
    // A client that leaves in the middle of an answer is its own affair.
    response.on('error', ignore);
    try {
      this.admit(request, response);
      const route = this.routeOf(request);
      const handedOver = shown !== undefined;
      const principal = this.reception.receive(shown ?? request, {
        route,
        clientAddress: addressOf(request),
        path: route === 'mcp' ? STREAMS : `${STREAMS}/${route}`,
      });
      if (!(principal instanceof Promise)) return this.dispatch({ request, response, principal, handedOver });
      principal.then(
        (known) => this.dispatch({ request, response, principal: known, handedOver }),
        (thrown: unknown) => this.refuse(response, thrown),
      );
    } catch (thrown) {
      this.refuse(response, thrown);
    }
  }

  /** Name of the route that a request is for: that of the session that a message is posted for. */
  private routeOf({ url }: IncomingMessage): string {
    const path = pathOf(url);
    const posted = isMessagesPath(path) ? sessionOf(url) : undefined;
    return (posted === undefined ? this.routes.find(routePath(path))?.name : this.routeOfSession(posted)) ?? 'mcp';
  }

  /** The session may be in another worker: then its token says where it leads, and is believed only there. */
  private routeOfSession(token: string): string | undefined {
    const named = placeOf(token)?.route;
    const isKnown = named !== undefined && this.routes.find(named === 'mcp' ? ROUTES : `${ROUTES}/${named}`);
    return this.sessions.routeOf(token) ?? (isKnown ? named : undefined);
  }

  private admit(request: IncomingMessage, response: ServerResponse): void {
    const path = pathOf(request.url);
    const allowed = isMessagesPath(path) ? 'POST' : 'GET';
    if (allowed === 'GET' && !this.routes.find(routePath(path))) throw routeUnknown();
    if (request.method !== allowed) {
      response.setHeader('allow', allowed);
      throw new GatewayError('protocol_http_method', 'method not allowed');
    }
    const problem = this.rules.callerProblem(request.headers);
    if (problem) throw problem;
    if (this.intake.draining) response.shouldKeepAlive = false;
  }

  private dispatch(sender: Sender): void {
    const { request, response, principal } = sender;
    try {
      if (request.method === 'POST') this.messages.handle(sender);
      else this.open(request, response, principal);
    } catch (thrown) {
      this.refuse(response, thrown);
    }
  }

  private open(request: IncomingMessage, response: ServerResponse, principal: Principal): void {
    // What a GET may carry as a body means nothing.
    request.resume();
    const problem = this.rules.streamProblem(request.headers) ?? this.rules.revisionProblem(request.headers);
    if (problem) throw problem;
    if (this.intake.draining) throw new GatewayError('gateway_draining', 'the gateway is stopping');
    const path = routePath(pathOf(request.url));
    const route = this.routes.find(path);
    if (!route) throw routeUnknown();
    this.sessions.start(response, { path, routeName: route.name, principal, clientAddress: addressOf(request) });
  }

  private refuse(response: ServerResponse, thrown: unknown): void {
    const error = GatewayError.from(thrown);
    if (error.code === 'gateway_fault') this.logger.error(error.cause ?? error);
    refuse(response, error);
  }
}

function routePath(path: string): string {
  return ROUTES + path.slice(STREAMS.length);
}

function routeUnknown(): GatewayError {
  return new GatewayError('route_unknown', 'no such route');
}
