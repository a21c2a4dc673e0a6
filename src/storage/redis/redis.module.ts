import { Module } from '@nestjs/common';

import { StorageModule } from '../storage.module.js';
import { RedisService } from './redis.service.js';

/** What all processes of a deployment share is in Redis, where the configuration names one. */
@Module({ imports: [StorageModule], providers: [RedisService] })
export class RedisModule {}
