import { Global, Module } from '@nestjs/common';

import { BridgeModule } from '../bridge/index.js';
import { TOPOLOGY_VIEW } from '../core/views.js';
import { PipelineModule } from '../pipeline/index.js';
import { UpstreamModule } from '../upstream/index.js';
import { Announcer } from './announcer/announcer.js';
import { Audience } from './audience.js';
import { Forwarder } from './forward/forwarder.js';
import { Holders } from './holder/holders.js';
import { Listens } from './listening/listens.js';
import { LogLevels } from './log-levels.js';
import { ROUTE_TABLE } from './route.js';
import { RouterToolbox } from './router.toolbox.js';
import { Subscriptions } from './subscriptions/subscriptions.js';
import { TaskRelay } from './tasks/task-relay.js';
import { TopologyService } from './topology.service.js';
import { TopologyToolbox } from './topology.toolbox.js';
import { Visibility } from './visibility.js';

/** Routes, catalogs and the topology they belong to. Global, because surfaces see it only by its tokens. */
@Global()
@Module({
  imports: [BridgeModule, PipelineModule, UpstreamModule],
  providers: [
    Announcer,
    Audience,
    Forwarder,
    Holders,
    Listens,
    LogLevels,
    RouterToolbox,
    Subscriptions,
    TaskRelay,
    TopologyToolbox,
    TopologyService,
    Visibility,
    { provide: ROUTE_TABLE, useExisting: TopologyService },
    { provide: TOPOLOGY_VIEW, useExisting: TopologyService },
  ],
  exports: [Audience, TopologyService, ROUTE_TABLE, TOPOLOGY_VIEW],
})
export class RoutingModule {}
