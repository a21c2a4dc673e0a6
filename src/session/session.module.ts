import { Module } from '@nestjs/common';

import { StorageModule } from '../storage/index.js';
import { SessionStore } from './session.store.js';

@Module({ imports: [StorageModule], providers: [SessionStore], exports: [SessionStore] })
export class SessionModule {}
