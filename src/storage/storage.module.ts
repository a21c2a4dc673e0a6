import { Module } from '@nestjs/common';

import { CLOCK, type Clock } from '../core/clock.js';
import { WORKER_BUS, type WorkerBus } from '../core/worker-bus.js';
import { KEY_VALUE } from './key-value.js';
import { LeasedRateCounter } from './leased-rate-counter.js';
import { MemoryRateCounter } from './memory-rate-counter.js';
import { MemoryStore } from './memory.store.js';
import { LOCAL_RATES, type RateCounter, SHARED_RATES } from './rate-counter.js';
import { SharedRates } from './shared-rates.js';

@Module({
  providers: [
    { provide: KEY_VALUE, useFactory: (clock: Clock) => new MemoryStore(clock), inject: [CLOCK] },
    { provide: LOCAL_RATES, useFactory: localRates, inject: [CLOCK, { token: WORKER_BUS, optional: true }] },
    { provide: SharedRates, useFactory: (local: RateCounter) => new SharedRates(local), inject: [LOCAL_RATES] },
    { provide: SHARED_RATES, useExisting: SharedRates },
  ],
  exports: [KEY_VALUE, LOCAL_RATES, SHARED_RATES, SharedRates],
})
export class StorageModule {}

/** The workers of one machine count as one process. */
function localRates(clock: Clock, bus?: WorkerBus): RateCounter {
  const alone = new MemoryRateCounter({ now: () => clock.turn() });
  return bus && bus.size > 1 ? new LeasedRateCounter(bus, clock, alone) : alone;
}
