import { randomBytes } from 'node:crypto';

import { Global, Module } from '@nestjs/common';

import { Sealer } from '../core/sealed.js';
import { TOPOLOGY_VIEW } from '../core/views.js';
import { PipelineModule } from '../pipeline/index.js';
import { UpstreamModule } from '../upstream/index.js';
import { ROUTE_TABLE } from './route.js';
import { TopologyService } from './topology.service.js';

/** Routes, catalogs and the topology they belong to. Global, because surfaces see it only by its tokens. */
@Global()
@Module({
  imports: [PipelineModule, UpstreamModule],
  providers: [
    // Known to this process alone: cursors do not outlive it.
    { provide: Sealer, useFactory: () => new Sealer(randomBytes(32)) },
    TopologyService,
    { provide: ROUTE_TABLE, useExisting: TopologyService },
    { provide: TOPOLOGY_VIEW, useExisting: TopologyService },
  ],
  exports: [TopologyService, ROUTE_TABLE, TOPOLOGY_VIEW],
})
export class RoutingModule {}
