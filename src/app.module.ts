import { type DynamicModule, Module } from '@nestjs/common';

import { AdminModule } from './admin/index.js';
import { AuditModule } from './audit/index.js';
import { AuthModule, OAuthModule, PolicyModule } from './auth/index.js';
import { BalancerModule } from './balancer/index.js';
import { ConfigModule, type OpenedConfig } from './config/index.js';
import { DownstreamModule } from './downstream/index.js';
import { ExtensionModule } from './extension/index.js';
import { FiltersModule } from './filters/index.js';
import { HealthModule } from './health/index.js';
import { LimitsModule } from './limits/index.js';
import { LOGGING_OPTIONS, LoggingModule, type LoggingOptions } from './logging/index.js';
import { MetricsModule } from './metrics/index.js';
import { PinningModule } from './pinning/index.js';
import { OutboundModule } from './outbound/index.js';
import { PlatformModule } from './platform.module.js';
import { RoutingModule } from './routing/index.js';
import { SealingModule, SessionModule } from './session/index.js';
import { RedisModule, StorageModule } from './storage/index.js';
import { SurfaceModule } from './surface.module.js';
import { UpstreamModule } from './upstream/index.js';

/** The table of contents, along the data path. */
@Module({})
export class AppModule {
  static forRoot(opened: OpenedConfig, logging: LoggingOptions): DynamicModule {
    return {
      module: AppModule,
      imports: [
        // ground
        PlatformModule,
        ConfigModule.forRoot(opened),
        { module: LoggingOptionsModule, global: true, providers: [bound(logging)], exports: [LOGGING_OPTIONS] },
        LoggingModule,
        ExtensionModule,
        StorageModule,
        RedisModule,
        SealingModule,
        OutboundModule,
        // engine
        AuthModule,
        PolicyModule,
        SessionModule,
        DownstreamModule,
        RoutingModule,
        UpstreamModule,
        BalancerModule,
        PinningModule,
        FiltersModule,
        LimitsModule,
        // observers
        MetricsModule,
        AuditModule,
        // surfaces
        SurfaceModule,
        HealthModule,
        AdminModule,
        OAuthModule,
      ],
    };
  }
}

class LoggingOptionsModule {}

function bound(logging: LoggingOptions): { provide: symbol; useValue: LoggingOptions } {
  return { provide: LOGGING_OPTIONS, useValue: logging };
}
