import { Module } from '@nestjs/common';

import { ConfigService } from '../config/index.js';
import { isNetwork } from './networks.js';
import { Outbound } from './outbound.js';
import { OutboundSection } from './outbound.section.js';

/** The one client for everything that the gateway asks for beside the data path. */
@Module({ providers: [Outbound], exports: [Outbound] })
export class OutboundModule {
  constructor(config: ConfigService) {
    config.addCheck((next) =>
      next
        .get(OutboundSection)
        .allowedNetworks.flatMap((network, index) =>
          isNetwork(network)
            ? []
            : [{ key: `outbound.allowed_networks[${index}]`, message: 'must be a network such as 10.0.0.0/8' }],
        ),
    );
  }
}
