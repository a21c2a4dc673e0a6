import { Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

import { AuthModule, AuthSection, OAuthSection, SecuritySection } from '../auth/index.js';
import { BridgeModule } from '../bridge/index.js';
import { ConfigService } from '../config/index.js';
import { LISTENER_TLS, type ListenerTls } from '../core/listener-tls.js';
import { CONNECTION_REGISTRY } from '../core/views.js';
import { SessionModule } from '../session/index.js';
import { Connections } from './connections.js';
import { Cors } from './cors/cors.js';
import { CredentialExpiry } from './credential-expiry.js';
import { Delivered } from './delivery/delivered.js';
import { DELIVERY_PROVIDER } from './delivery/delivery.provider.js';
import { Downstream } from './downstream.service.js';
import { ExchangeFactory } from './exchange.factory.js';
import { exposureProblem, isLoopbackBind } from './exposure.js';
import { EVENT_STORE } from './http/event-store/event-store.js';
import { MemoryEventStore } from './http/event-store/memory-event-store.js';
import { FrontDoor } from './http/front-door.js';
import { FrontAdapter } from './http/front.adapter.js';
import { SecurityHeaders } from './headers/security-headers.js';
import { HttpSessions } from './http/http-sessions.js';
import { HttpRules } from './http/http-rules.js';
import { KeepAlive } from './http/keep-alive.js';
import { LegacyPost } from './http/legacy-post.js';
import { MessageStreams } from './http/message-streams.js';
import { ModernPost } from './http/modern-post.js';
import { PostHandler } from './http/post.handler.js';
import { SessionStreams } from './http/session-streams.js';
import { StreamHandler } from './http/stream.handler.js';
import { StreamableHttpService } from './http/streamable-http.service.js';
import { InputCourier } from './input-courier.js';
import { Intake } from './intake.js';
import { LegacyReceiver } from './legacy-receiver.js';
import { ModernReceiver } from './modern/modern-receiver.js';
import { VisitFactory } from './modern/visit.factory.js';
import { Visitors } from './modern/visitors.js';
import { OriginGuard } from './origin-guard.js';
import { Overdue } from './overdue.js';
import { proxyProblems } from './proxy/trusted-proxies.js';
import { TlsSection } from './tls/tls.section.js';
import { TlsReload } from './tls/tls-reload.js';
import { Receiver } from './receiver.js';
import { ServerSection } from './server.section.js';
import { SessionCourier } from './session-courier.js';
import { MessageHandler } from './sse/message.handler.js';
import { SseService } from './sse/sse.service.js';
import { SseSessions } from './sse/sse-sessions.js';
import { UnixListener } from './unix/unix-listener.js';
import { McpGateway } from './websocket/mcp.gateway.js';
import { PingWheel } from './websocket/ping-wheel.js';
import { Validation } from './validation.js';
import { RefusedUpgrade } from './websocket/refused-upgrade.js';
import { UpgradeGate } from './websocket/upgrade-gate.js';

const UNNAMED = 'is needed with authorization_servers: it is what tokens must be issued for';

/**
 * Where downstreams come in. Expects a `RouteTable`, a `Clock`, a `Product`, `Events` and the
 * configuration from modules that are global.
 */
@Module({
  imports: [AuthModule, BridgeModule, SessionModule],
  providers: [
    Intake,
    Connections,
    CredentialExpiry,
    { provide: CONNECTION_REGISTRY, useExisting: Connections },
    Cors,
    OriginGuard,
    SecurityHeaders,
    { provide: LISTENER_TLS, useFactory: listenerTls, inject: [HttpAdapterHost] },
    TlsReload,
    Overdue,
    Validation,
    InputCourier,
    SessionCourier,
    ExchangeFactory,
    LegacyReceiver,
    Receiver,
    Downstream,
    // modern
    ModernReceiver,
    VisitFactory,
    Visitors,
    // WebSocket
    McpGateway,
    PingWheel,
    RefusedUpgrade,
    UpgradeGate,
    // Streamable HTTP
    FrontDoor,
    HttpRules,
    HttpSessions,
    KeepAlive,
    LegacyPost,
    MemoryEventStore,
    { provide: EVENT_STORE, useExisting: MemoryEventStore },
    MessageStreams,
    ModernPost,
    PostHandler,
    SessionStreams,
    StreamHandler,
    StreamableHttpService,
    // HTTP+SSE
    MessageHandler,
    SseService,
    SseSessions,
    // other workers
    DELIVERY_PROVIDER,
    Delivered,
    // unix socket
    UnixListener,
  ],
  exports: [Downstream, OriginGuard, CONNECTION_REGISTRY, LISTENER_TLS],
})
export class DownstreamModule {
  constructor(config: ConfigService) {
    config.addCheck((next) => {
      const message = exposureProblem(next.get(ServerSection), next.get(SecuritySection), next.get(AuthSection));
      return message === undefined ? [] : [{ key: 'server.host', message }];
    });
    config.addCheck((next) => proxyProblems(next.get(ServerSection)));
    config.addCheck((next) => {
      const { authorizationServers } = next.get(OAuthSection);
      const isPlain = next.get(TlsSection).certFile === undefined && isLoopbackBind(next.get(ServerSection).host);
      const isNamed = next.get(SecuritySection).publicUrl !== undefined || isPlain;
      return authorizationServers.length === 0 || isNamed ? [] : [{ key: 'security.public_url', message: UNNAMED }];
    });
  }
}

/** What the listeners were made with: the adapter is older than all providers. */
function listenerTls({ httpAdapter }: HttpAdapterHost): ListenerTls | undefined {
  return httpAdapter instanceof FrontAdapter ? httpAdapter.tls : undefined;
}
