import { Module } from '@nestjs/common';

import { CLOCK, type Clock } from '../core/clock.js';
import { KEY_VALUE } from './key-value.js';
import { MemoryRateCounter } from './memory-rate-counter.js';
import { MemoryStore } from './memory.store.js';
import { LOCAL_RATES, type RateCounter, SHARED_RATES } from './rate-counter.js';
import { SharedRates } from './shared-rates.js';

@Module({
  providers: [
    { provide: KEY_VALUE, useFactory: (clock: Clock) => new MemoryStore(clock), inject: [CLOCK] },
    {
      provide: LOCAL_RATES,
      useFactory: (clock: Clock) => new MemoryRateCounter({ now: () => clock.turn() }),
      inject: [CLOCK],
    },
    { provide: SharedRates, useFactory: (local: RateCounter) => new SharedRates(local), inject: [LOCAL_RATES] },
    { provide: SHARED_RATES, useExisting: SharedRates },
  ],
  exports: [KEY_VALUE, LOCAL_RATES, SHARED_RATES, SharedRates],
})
export class StorageModule {}
