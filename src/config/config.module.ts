import { type DynamicModule, Module } from '@nestjs/common';

import { Events } from '../core/events.js';
import { WORKER_BUS, type WorkerBus } from '../core/worker-bus.js';
import { ConfigService, type OpenedConfig } from './config.service.js';

/** Gives everybody the configuration. It is read before the application is made, so that constructors may ask for it. */
@Module({})
export class ConfigModule {
  static forRoot(opened: OpenedConfig): DynamicModule {
    const service = {
      provide: ConfigService,
      useFactory: (events: Events, bus?: WorkerBus) => new ConfigService(opened, events, bus),
      inject: [Events, { token: WORKER_BUS, optional: true }],
    };
    return { module: ConfigModule, global: true, providers: [service], exports: [ConfigService] };
  }
}
