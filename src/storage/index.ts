export { KEY_VALUE, type KeyValue } from './key-value.js';
export { MemoryRateCounter } from './memory-rate-counter.js';
export { MemoryStore } from './memory.store.js';
export { StorageModule } from './storage.module.js';
export { LOCAL_RATES, SHARED_RATES, type Rate, type RateCounter, type Taken } from './rate-counter.js';
