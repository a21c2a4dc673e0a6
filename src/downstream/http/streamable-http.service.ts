import { Inject, Injectable, Logger } from '@nestjs/common';

import { type Credentials, Reception } from '../../auth/index.js';
import { GatewayError } from '../../core/errors.js';
import { type Route, ROUTE_TABLE, type RouteTable } from '../../routing/index.js';
import { Intake } from '../intake.js';
import { addressOf, pathOf } from '../request-headers.js';
import { type HttpCall, refusalOf } from './http-call.js';
import type { HttpRequest, HttpResponse } from './http-message.js';
import { HttpRules } from './http-rules.js';
import { PostHandler } from './post.handler.js';
import { refuse } from './refusal.js';
import { StreamHandler } from './stream.handler.js';

const ignore = (): void => undefined;

const METHODS = 'GET, POST, DELETE';

/**
 * The MCP endpoint over Streamable HTTP. Stands in front of Express, so a request costs what it costs and
 * nothing more. Judges who may come in before a byte of the body is read.
 */
@Injectable()
export class StreamableHttpService {
  private readonly logger = new Logger('StreamableHttp');

  constructor(
    @Inject(ROUTE_TABLE) private readonly routes: RouteTable,
    private readonly rules: HttpRules,
    private readonly reception: Reception,
    private readonly intake: Intake,
    private readonly post: PostHandler,
    private readonly streams: StreamHandler,
  ) {}

  /**
   * Answers the request, now or later. Never throws.
   *
   * @param shown what its client has shown, where another worker has handed it over
   */
  handle(request: HttpRequest, response: HttpResponse, shown?: Credentials): void {
    // A client that leaves in the middle of an answer is its own affair.
    response.on('error', ignore);
    try {
      const route = this.admit(request, response);
      const clientAddress = addressOf(request);
      const { intake } = this;
      const handedOver = shown !== undefined;
      const principal = this.reception.receive(shown ?? request, { route: route.name, clientAddress });
      if (!(principal instanceof Promise))
        return this.dispatch({ request, response, route, principal, clientAddress, intake, handedOver });
      principal.then(
        (known) => this.dispatch({ request, response, route, principal: known, clientAddress, intake, handedOver }),
        (thrown: unknown) => this.refuse(response, thrown),
      );
    } catch (thrown) {
      this.refuse(response, thrown);
    }
  }

  private admit(request: HttpRequest, response: HttpResponse): Route {
    const route = this.routes.find(pathOf(request.url));
    if (!route) throw new GatewayError('route_unknown', 'no such route');
    const { method } = request;
    if (method !== 'POST' && method !== 'GET' && method !== 'DELETE') {
      response.setHeader('allow', METHODS);
      throw new GatewayError('protocol_http_method', 'method not allowed');
    }
    const problem = this.rules.callerProblem(request.headers);
    if (problem) throw problem;
    if (this.intake.draining) response.shouldKeepAlive = false;
    return route;
  }

  private dispatch(call: HttpCall): void {
    try {
      if (call.request.method === 'POST') this.post.handle(call);
      else void this.streams.handle(call).catch((thrown: unknown) => this.refuseCall(call, thrown));
    } catch (thrown) {
      this.refuseCall(call, thrown);
    }
  }

  /** What is wrong with a call counts against its client as well. */
  private refuseCall(call: HttpCall, thrown: unknown): void {
    this.refuse(call.response, refusalOf(call, GatewayError.from(thrown)));
  }

  private refuse(response: HttpResponse, thrown: unknown): void {
    const error = GatewayError.from(thrown);
    if (error.code === 'gateway_fault') this.logger.error(error.cause ?? error);
    refuse(response, error);
  }
}
