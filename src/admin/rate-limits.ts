import type { DynamicModule } from '@nestjs/common';
import { ThrottlerModule } from '@nestjs/throttler';

import { ConfigService } from '../config/index.js';
import { type RateCounter, SHARED_RATES, StorageModule } from '../storage/index.js';
import { AdminSection } from './admin.section.js';
import { CLIENT, GLOBAL } from './rate-limit.guard.js';
import { RateStorage } from './rate-storage.js';

const MINUTE_MS = 60_000;

/** All clients together may ask so many times what one of them may. */
const GLOBAL_FACTOR = 10;

/** `@nestjs/throttler` as the admin API uses it. The limits are read for each request: a reload changes them. */
export function adminRateLimits(): DynamicModule {
  return ThrottlerModule.forRootAsync({
    imports: [StorageModule],
    inject: [ConfigService, SHARED_RATES],
    useFactory: (config: ConfigService, rates: RateCounter) => {
      const limit = (): number => config.get(AdminSection).requestsPerMinute;
      return {
        throttlers: [
          { name: CLIENT, ttl: MINUTE_MS, limit },
          { name: GLOBAL, ttl: MINUTE_MS, limit: () => limit() * GLOBAL_FACTOR },
        ],
        storage: new RateStorage(rates),
      };
    },
  });
}
