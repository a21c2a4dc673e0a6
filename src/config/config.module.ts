import { type DynamicModule, Module } from '@nestjs/common';

import { Events } from '../core/events.js';
import { ConfigService, type OpenedConfig } from './config.service.js';

/** Gives everybody the configuration. It is read before the application is made, so that constructors may ask for it. */
@Module({})
export class ConfigModule {
  static forRoot(opened: OpenedConfig): DynamicModule {
    const service = {
      provide: ConfigService,
      useFactory: (events: Events) => new ConfigService(opened, events),
      inject: [Events],
    };
    return { module: ConfigModule, global: true, providers: [service], exports: [ConfigService] };
  }
}
