import { Module } from '@nestjs/common';

import { CLOCK, type Clock } from '../core/clock.js';
import { KEY_VALUE } from './key-value.js';
import { MemoryRateCounter } from './memory-rate-counter.js';
import { MemoryStore } from './memory.store.js';
import { LOCAL_RATES, SHARED_RATES } from './rate-counter.js';

@Module({
  providers: [
    { provide: KEY_VALUE, useFactory: (clock: Clock) => new MemoryStore(clock), inject: [CLOCK] },
    { provide: LOCAL_RATES, useFactory: (clock: Clock) => new MemoryRateCounter(clock), inject: [CLOCK] },
    { provide: SHARED_RATES, useExisting: LOCAL_RATES },
  ],
  exports: [KEY_VALUE, LOCAL_RATES, SHARED_RATES],
})
export class StorageModule {}
