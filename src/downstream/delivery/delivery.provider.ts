import type { FactoryProvider } from '@nestjs/common';

import { ConfigService } from '../../config/index.js';
import { WORKER_BUS, type WorkerBus } from '../../core/worker-bus.js';
import { ROUTE_TABLE, type RouteTable } from '../../routing/index.js';
import { SessionStore } from '../../session/index.js';
import { HttpSessions } from '../http/http-sessions.js';
import { LegacyReceiver } from '../legacy-receiver.js';
import { scanLimits } from '../scan-limits.js';
import { ServerSection } from '../server.section.js';
import { Delivery } from './delivery.js';
import { DELIVERY } from './delivery.token.js';
import { Elsewhere } from './elsewhere.js';
import { LinePaths } from './line-paths.js';
import { Waybills } from './waybill.js';

/** Makes what brings requests to other workers, where there are any. */
export const DELIVERY_PROVIDER: FactoryProvider<Delivery | null> = {
  provide: DELIVERY,
  useFactory: delivery,
  inject: [
    HttpSessions,
    SessionStore,
    ROUTE_TABLE,
    LegacyReceiver,
    ConfigService,
    { token: WORKER_BUS, optional: true },
  ],
};

function delivery(
  sessions: HttpSessions,
  store: SessionStore,
  routes: RouteTable,
  receiver: LegacyReceiver,
  config: ConfigService,
  bus: WorkerBus | undefined,
): Delivery | null {
  if (!bus || bus.size === 1) return null;
  const limits = scanLimits(config.get(ServerSection));
  const elsewhere = new Elsewhere({ bus, sessions: store, routes, receiver, scanLimits: limits });
  return new Delivery({ bus, sessions, elsewhere, paths: new LinePaths(bus), waybills: new Waybills(bus) });
}
