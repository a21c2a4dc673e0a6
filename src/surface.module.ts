import { Global, Module } from '@nestjs/common';

import { ADMIN_GATE, type AdminGate } from './admin/index.js';
import { DownstreamModule, OriginGuard } from './downstream/index.js';
import { RoutingModule } from './routing/index.js';

/** What the surfaces may know of the engine, bound to those who own it. */
@Global()
@Module({
  imports: [DownstreamModule, RoutingModule],
  providers: [
    {
      provide: ADMIN_GATE,
      useFactory:
        (guard: OriginGuard): AdminGate =>
        (request) =>
          guard.refusal(request.headers, { cors: false }),
      inject: [OriginGuard],
    },
  ],
  exports: [ADMIN_GATE, DownstreamModule, RoutingModule],
})
export class SurfaceModule {}
