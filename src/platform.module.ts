import { Global, Module } from '@nestjs/common';

import { ConfigService } from './config/index.js';
import { CLOCK } from './core/clock.js';
import { Events } from './core/events.js';
import { PRODUCT, type Product } from './core/product.js';
import { LIFECYCLE } from './core/views.js';
import { ProcessLifecycle } from './lifecycle.js';
import { logEventFault } from './logging/index.js';
import { PRODUCT_INFO } from './product.js';
import { GatewaySection } from './routing/index.js';
import { systemClock } from './system-clock.js';

/** What the process gives to everybody: time, events, its name, and whether it is about to end. */
@Global()
@Module({
  providers: [
    { provide: CLOCK, useValue: systemClock },
    { provide: Events, useFactory: () => new Events(logEventFault) },
    { provide: ProcessLifecycle, useFactory: () => new ProcessLifecycle(systemClock.now()) },
    { provide: LIFECYCLE, useExisting: ProcessLifecycle },
    { provide: PRODUCT, useFactory: product, inject: [ConfigService] },
  ],
  exports: [CLOCK, Events, LIFECYCLE, PRODUCT, ProcessLifecycle],
})
export class PlatformModule {}

function product(config: ConfigService): Product {
  const { name, environment } = config.get(GatewaySection);
  return { name, version: PRODUCT_INFO.version, environment };
}
