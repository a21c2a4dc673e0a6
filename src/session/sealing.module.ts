import { Global, Module } from '@nestjs/common';

import { Sealer } from '../core/sealed.js';
import { ConfiguredSealer } from './configured-sealer.js';

/** The one sealer of the process. Global, because whoever hands out what it expects back needs the same. */
@Global()
@Module({ providers: [{ provide: Sealer, useClass: ConfiguredSealer }], exports: [Sealer] })
export class SealingModule {}
