import type { ServerResponse } from 'node:http';

import { Inject, Injectable, type OnModuleDestroy, Optional } from '@nestjs/common';

import { ConfigService } from '../../config/index.js';
import { GatewayError } from '../../core/errors.js';
import { isSamePrincipal, type Principal } from '../../core/principal.js';
import { ROUTE_TABLE, type RouteTable } from '../../routing/index.js';
import { SessionSection } from '../../session/index.js';
import { connectionLimit } from '../connection-limit.js';
import { Connections } from '../connections.js';
import type { Delivery } from '../delivery/delivery.js';
import { DELIVERY } from '../delivery/delivery.token.js';
import { KeepAlive } from '../http/keep-alive.js';
import { Intake } from '../intake.js';
import { Receiver } from '../receiver.js';
import { SecuritySection } from '../../auth/index.js';
import { ServerSection } from '../server.section.js';
import { endpointOf, placedToken } from './endpoint.js';
import { type SseAdmission, SseConnection, type SseHost } from './sse-connection.js';

/** The sessions over HTTP+SSE, each as long as its stream is open, by what their messages are posted under. */
@Injectable()
export class SseSessions implements SseHost, OnModuleDestroy {
  readonly helloTimeout: number;
  readonly queueSoftBytes: number;
  readonly queueHardBytes: number;
  @Optional() @Inject(DELIVERY) private readonly delivery?: Delivery | null;
  private readonly maxConnections: number;
  private readonly open = new Map<string, SseConnection>();

  constructor(
    readonly receiver: Receiver,
    @Inject(ROUTE_TABLE) readonly routes: RouteTable,
    readonly connections: Connections,
    readonly intake: Intake,
    readonly keepAlives: KeepAlive,
    private readonly config: ConfigService,
  ) {
    const server = config.get(ServerSection);
    this.helloTimeout = server.headersTimeout;
    this.queueSoftBytes = server.queueSoftBytes;
    this.queueHardBytes = server.queueHardBytes;
    this.maxConnections = connectionLimit(server);
  }

  /**
   * Opens the stream of a new session, and tells the client where to post to.
   *
   * @throws `limit_connections`, `limit_sessions`
   */
  start(response: ServerResponse, admission: SseAdmission): void {
    this.checkRoom(admission.principal);
    const connection = new SseConnection(response, admission, this);
    const { token, session } = connection;
    this.open.set(token, connection);
    session.onEnd(() => this.open.delete(token));
    connection.announce(endpointOf(this.config.get(SecuritySection).publicUrl, token));
  }

  tokenFor(secret: string, route: string): string {
    return this.delivery ? placedToken(secret, { slot: this.delivery.slot, route }) : secret;
  }

  /** Name of the route whose session's messages are posted under that token. Undefined where there is none. */
  routeOf(token: string): string | undefined {
    return this.open.get(token)?.routeName;
  }

  /** The session whose messages are posted under that token. Undefined when it is over, or somebody else's. */
  find(token: string, principal: Principal): SseConnection | undefined {
    const connection = this.open.get(token);
    return connection && isSamePrincipal(connection.session.principal, principal) ? connection : undefined;
  }

  onModuleDestroy(): void {
    for (const connection of this.open.values()) connection.close();
  }

  private checkRoom(principal: Principal): void {
    if (this.connections.lasting >= this.maxConnections) {
      throw new GatewayError('limit_connections', 'too many connections');
    }
    const { maxSessions, maxSessionsPerPrincipal } = this.config.get(SessionSection);
    if (this.open.size >= maxSessions || this.connections.lastingOf(principal) >= maxSessionsPerPrincipal) {
      throw new GatewayError('limit_sessions', 'too many sessions; try again later');
    }
  }
}
