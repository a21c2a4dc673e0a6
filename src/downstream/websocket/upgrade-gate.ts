import type { IncomingMessage } from 'node:http';

import { Inject, Injectable } from '@nestjs/common';

import { Reception } from '../../auth/index.js';
import { ConfigService } from '../../config/index.js';
import { GatewayError } from '../../core/errors.js';
import type { Principal } from '../../core/principal.js';
import { ROUTE_TABLE, type RouteTable } from '../../routing/index.js';
import { SessionSection } from '../../session/index.js';
import { connectionLimit } from '../connection-limit.js';
import { Connections } from '../connections.js';
import { Intake } from '../intake.js';
import { HttpRules } from '../http/http-rules.js';
import { addressOf, headerProblem, isMcpPath, pathOf } from '../request-headers.js';
import { ServerSection } from '../server.section.js';

/** What is known of a connection before its first message. */
export interface Admission {
  readonly path: string;
  readonly routeName: string;
  readonly principal: Principal;
  readonly clientAddress: string;
}

export const SUBPROTOCOL = 'mcp';

/**
 * Decides about WebSocket handshakes while they are still plain HTTP, so that a refusal is an HTTP
 * status that every client understands.
 */
@Injectable()
export class UpgradeGate {
  private readonly maxConnections: number;

  constructor(
    @Inject(ROUTE_TABLE) private readonly routes: RouteTable,
    private readonly rules: HttpRules,
    private readonly reception: Reception,
    private readonly connections: Connections,
    private readonly intake: Intake,
    private readonly config: ConfigService,
  ) {
    this.maxConnections = connectionLimit(config.get(ServerSection));
  }

  /**
   * What is known of a connection that may be opened.
   *
   * @throws GatewayError where it may not
   */
  async admit(request: IncomingMessage): Promise<Admission> {
    const path = pathOf(request.url);
    const problem = this.problem(request, path);
    if (problem) throw problem;
    const route = this.routes.find(path);
    if (!route) throw new GatewayError('route_unknown', 'no such route');
    const clientAddress = addressOf(request);
    const principal = await this.reception.receive(request, { route: route.name, clientAddress });
    return { path, routeName: route.name, principal, clientAddress };
  }

  /**
   * To be asked at the very moment at which the connection is opened: many may have waited together for one credential
   * to be verified. Its connection is its session.
   *
   * @throws `limit_connections`, `limit_sessions`
   */
  checkRoom({ principal }: Admission): void {
    if (this.connections.lasting >= this.maxConnections) throw tooManyConnections();
    const { maxSessionsPerPrincipal } = this.config.get(SessionSection);
    if (this.connections.lastingOf(principal) < maxSessionsPerPrincipal) return;
    throw new GatewayError('limit_sessions', 'too many sessions; try again later');
  }

  private problem(request: IncomingMessage, path: string): GatewayError | undefined {
    if (!isMcpPath(path)) return new GatewayError('route_unknown', 'no such route');
    const problem = headerProblem(request) ?? this.rules.callerProblem(request.headers);
    if (problem) return problem;
    if (this.intake.draining) return new GatewayError('gateway_draining', 'the gateway is stopping');
    if (this.connections.lasting >= this.maxConnections) return tooManyConnections();
    const offered = request.headers['sec-websocket-protocol'];
    if (offered !== undefined && !offersMcp(offered)) {
      return new GatewayError('protocol_malformed', `the subprotocol is ${SUBPROTOCOL}`);
    }
    return undefined;
  }
}

function tooManyConnections(): GatewayError {
  return new GatewayError('limit_connections', 'too many connections');
}

function offersMcp(offered: string): boolean {
  return offered.split(',').some((name) => name.trim() === SUBPROTOCOL);
}
