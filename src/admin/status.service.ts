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
import { RequestCount } from './request-count.js';
import type { GatewayStatus } from './status.view.js';

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
  ) {}

  /** As this process knows it. */
  get(): GatewayStatus {
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
  }
}
