import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';

import { HealthController } from './health.controller.js';
import { LoopLag } from './loop-lag.js';
import { Readiness } from './readiness.js';
import { UpstreamHealthSummary } from './upstream-health.js';

/** `/health`, `/readiness` and `/liveness`. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [LoopLag, Readiness, UpstreamHealthSummary],
})
export class HealthModule {}
