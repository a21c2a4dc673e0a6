import { Module } from '@nestjs/common';

import { STRATEGIES } from './strategies/index.js';

/** The strategies a group can name. They are found by their decorator; nobody injects them. */
@Module({ providers: [...STRATEGIES] })
export class BalancerModule {}
