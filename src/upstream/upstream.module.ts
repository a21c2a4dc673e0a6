import { Module } from '@nestjs/common';

import { BalancerModule } from '../balancer/index.js';
import { ConfigService } from '../config/index.js';
import { Extensions } from '../extension/index.js';
import { GroupManager } from './group.manager.js';
import { TRANSPORTS } from './transports/index.js';
import { checkUpstream } from './upstream.check.js';
import { UpstreamSection } from './upstream.section.js';

/** The servers behind the gateway: groups, servers, channels, and the transports that carry them. */
@Module({ imports: [BalancerModule], providers: [GroupManager, ...TRANSPORTS], exports: [GroupManager] })
export class UpstreamModule {
  constructor(config: ConfigService, extensions: Extensions) {
    config.addCheck((next) => checkUpstream(next.get(UpstreamSection), extensions));
  }
}
