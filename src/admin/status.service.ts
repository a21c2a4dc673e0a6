import { Inject, Injectable } from '@nestjs/common';

import { CLOCK, type Clock } from '../core/clock.js';
import { PRODUCT, type Product } from '../core/product.js';
import {
  CONNECTION_REGISTRY,
  LIFECYCLE,
  TOPOLOGY_VIEW,
  type ConnectionRegistry,
  type Lifecycle,
  type TopologyView,
} from '../core/views.js';
import { topic } from '../core/worker-bus.js';
import type { RequestTotals } from '../core/workers-view.js';
import { AllWorkers } from './all-workers.js';
import { RequestCount } from './request-count.js';
import type { GatewayStatus } from './status.view.js';
import type { GroupStatus } from './upstream.view.js';
import { UpstreamsService } from './upstreams.service.js';

const STATUS_VIEWED = topic<undefined, GatewayStatus>('status.viewed');

/** Puts the status of the gateway together from those who know its parts. */
@Injectable()
export class StatusService {
  constructor(
    @Inject(PRODUCT) private readonly product: Product,
    @Inject(TOPOLOGY_VIEW) private readonly topology: TopologyView,
    @Inject(CONNECTION_REGISTRY) private readonly connections: ConnectionRegistry,
    @Inject(LIFECYCLE) private readonly lifecycle: Lifecycle,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly requests: RequestCount,
    private readonly upstreams: UpstreamsService,
    private readonly workers: AllWorkers,
  ) {
    workers.tell(STATUS_VIEWED, this.own);
  }

  async get(): Promise<GatewayStatus> {
    const told = await this.workers.gather(STATUS_VIEWED, undefined, this.own);
    const [totals, groups] = await Promise.all([this.workers.totals(), this.upstreams.groups()]);
    return joinStatus(
      told.map(({ answer }) => answer),
      totals,
      groups,
    );
  }

  private readonly own = (): GatewayStatus => {
    const groups = this.topology.groups();
    const servers = groups.flatMap((group) => group.servers);
    return {
      name: this.product.name,
      version: this.product.version,
      environment: this.product.environment,
      node_version: process.version,
      generation: this.topology.generation,
      uptime_seconds: Math.floor((this.clock.now() - this.lifecycle.startedAt) / 1_000),
      draining: this.lifecycle.draining,
      connections: this.connections.list().length,
      groups: groups.length,
      servers: servers.length,
      servers_up: servers.filter(({ state }) => state.kind === 'up').length,
      requests_total: this.requests.total,
      requests_failed: this.requests.failed,
    };
  };
}

/** @param totals what all have answered, those included that have ended; undefined where there is one process */
function joinStatus(
  all: readonly GatewayStatus[],
  totals: RequestTotals | undefined,
  groups: readonly GroupStatus[],
): GatewayStatus {
  const [first] = all as readonly [GatewayStatus];
  if (!totals) return first;
  return {
    ...first,
    generation: Math.min(...all.map(({ generation }) => generation)),
    uptime_seconds: Math.max(...all.map((each) => each.uptime_seconds)),
    draining: all.every(({ draining }) => draining),
    connections: all.reduce((sum, { connections }) => sum + connections, 0),
    servers_up: groups.reduce((sum, group) => sum + group.servers_up, 0),
    requests_total: totals.total,
    requests_failed: totals.failed,
  };
}
