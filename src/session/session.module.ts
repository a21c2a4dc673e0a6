import { randomBytes } from 'node:crypto';

import { Module } from '@nestjs/common';

import { Sealer } from '../core/sealed.js';
import { StorageModule } from '../storage/index.js';
import { SessionStore } from './session.store.js';

@Module({
  imports: [StorageModule],
  providers: [
    // Known to this process alone: its sessions end with it.
    { provide: Sealer, useFactory: () => new Sealer(randomBytes(32)) },
    SessionStore,
  ],
  exports: [SessionStore],
})
export class SessionModule {}
