import { Global, Module } from '@nestjs/common';

import { ConfigService } from './config/index.js';
import { CLOCK } from './core/clock.js';
import { Events } from './core/events.js';
import { PRODUCT, type Product } from './core/product.js';
import { LIFECYCLE } from './core/views.js';
import { WORKER_BUS } from './core/worker-bus.js';
import { ProcessLifecycle } from './lifecycle.js';
import { logEventFault } from './logging/index.js';
import { PRODUCT_INFO } from './product.js';
import { GatewaySection } from './routing/index.js';
import { systemClock } from './system-clock.js';
import { busOfProcess } from './workers/index.js';

/** What the process gives to everybody: time, events, its name, whether it is about to end, and the way to its fellow workers. */
@Global()
@Module({
  providers: [
    { provide: CLOCK, useValue: systemClock },
    { provide: Events, useFactory: () => new Events(logEventFault) },
    { provide: ProcessLifecycle, useFactory: () => new ProcessLifecycle(systemClock.now()) },
    { provide: LIFECYCLE, useExisting: ProcessLifecycle },
    { provide: PRODUCT, useFactory: product, inject: [ConfigService] },
    { provide: WORKER_BUS, useFactory: busOfProcess },
  ],
  exports: [CLOCK, Events, LIFECYCLE, PRODUCT, ProcessLifecycle, WORKER_BUS],
})
export class PlatformModule {}

function product(config: ConfigService): Product {
  const { name, environment } = config.get(GatewaySection);
  return { name, version: PRODUCT_INFO.version, environment };
}
