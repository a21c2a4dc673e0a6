import { Global, Module } from '@nestjs/common';

import { PINS } from '../core/pins.js';
import { PinningService } from './pinning.service.js';

/** Compares tools with those that were approved. Global, because routing sees it only by its token. */
@Global()
@Module({ providers: [PinningService, { provide: PINS, useExisting: PinningService }], exports: [PINS] })
export class PinningModule {}
