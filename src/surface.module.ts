import { Global, Module } from '@nestjs/common';

import {
  ADMIN_GATE,
  ADMIN_SERVER_FACTORY,
  type AdminGate,
  AdminSection,
  type AdminServerFactory,
} from './admin/index.js';
import { METADATA_GATE, type MetadataGate } from './auth/index.js';
import { ConfigService } from './config/index.js';
import { GatewayError } from './core/errors.js';
import { LISTENER_TLS, type ListenerTls } from './core/listener-tls.js';
import { createSideServer, DownstreamModule, OriginGuard, ServerSection } from './downstream/index.js';
import { METRICS_SERVER_FACTORY, type MetricsServerFactory } from './metrics/index.js';
import { RoutingModule } from './routing/index.js';

/** What the surfaces may know of the engine, bound to those who own it. */
@Global()
@Module({
  imports: [DownstreamModule, RoutingModule],
  providers: [
    { provide: ADMIN_GATE, useFactory: adminGate, inject: [OriginGuard, ConfigService] },
    {
      provide: ADMIN_SERVER_FACTORY,
      useFactory: adminServerFactory,
      inject: [ConfigService, { token: LISTENER_TLS, optional: true }],
    },
    {
      provide: METRICS_SERVER_FACTORY,
      useFactory: metricsServerFactory,
      inject: [ConfigService, { token: LISTENER_TLS, optional: true }],
    },
    {
      provide: METADATA_GATE,
      useFactory:
        (guard: OriginGuard): MetadataGate =>
        (request) =>
          guard.refusal(request.headers),
      inject: [OriginGuard],
    },
  ],
  exports: [ADMIN_GATE, ADMIN_SERVER_FACTORY, METRICS_SERVER_FACTORY, METADATA_GATE, DownstreamModule, RoutingModule],
})
export class SurfaceModule {}

/** By the names of the address that the admin API is on. */
function adminGate(guard: OriginGuard, config: ConfigService): AdminGate {
  const { host } = config.get(AdminSection);
  return (request, own) => guard.refusal(request.headers, own ? { cors: false, bound: host } : { cors: false });
}

function adminServerFactory(config: ConfigService, certificate: ListenerTls | undefined): AdminServerFactory {
  return (listener, tls) => {
    if (tls && !certificate) {
      throw new GatewayError('config_invalid', '[admin] tls needs a certificate: say which in [server.tls]');
    }
    return createSideServer({ tls: tls ? certificate : undefined, times: config.get(ServerSection) }, listener);
  };
}

function metricsServerFactory(config: ConfigService, certificate: ListenerTls | undefined): MetricsServerFactory {
  return (listener, tls) =>
    createSideServer({ tls: tls ? certificate : undefined, times: config.get(ServerSection) }, listener);
}
