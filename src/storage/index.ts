export { KEY_VALUE, type KeyValue } from './key-value.js';
export { MemoryRateCounter } from './memory-rate-counter.js';
export { MemoryStore } from './memory.store.js';
export { RedisModule } from './redis/redis.module.js';
export { RedisSection } from './redis/redis.section.js';
export { StorageModule } from './storage.module.js';
export { LOCAL_RATES, SHARED_RATES, type Rate, type RateCounter, type Taken } from './rate-counter.js';
