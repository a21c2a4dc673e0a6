import { Module } from '@nestjs/common';

import { CLOCK, type Clock } from '../core/clock.js';
import { KEY_VALUE } from './key-value.js';
import { MemoryStore } from './memory.store.js';

@Module({
  providers: [{ provide: KEY_VALUE, useFactory: (clock: Clock) => new MemoryStore(clock), inject: [CLOCK] }],
  exports: [KEY_VALUE],
})
export class StorageModule {}
