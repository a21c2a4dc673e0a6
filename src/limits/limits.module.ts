import { Global, Module } from '@nestjs/common';

import { ConfigService } from '../config/index.js';
import { RATE_GATE } from '../core/rate-gate.js';
import { StorageModule } from '../storage/index.js';
import { checkLimits } from './limits.check.js';
import { RateLimitFilter } from './rate-limit.filter.js';
import { RateLimiter } from './rate-limiter.js';

/** Rate limits of the data path: as a filter of every chain, and as the gate for what no chain sees. */
@Global()
@Module({
  imports: [StorageModule],
  providers: [RateLimiter, RateLimitFilter, { provide: RATE_GATE, useExisting: RateLimiter }],
  exports: [RATE_GATE],
})
export class LimitsModule {
  constructor(config: ConfigService) {
    config.addCheck(checkLimits);
  }
}
