import { Inject, Injectable } from '@nestjs/common';

import { CLOCK, type Clock } from '../core/clock.js';
import { LIFECYCLE, TOPOLOGY_VIEW, type GroupView, type Lifecycle, type TopologyView } from '../core/views.js';

/** How long a group that nobody has heard of yet may hold readiness back. */
const PATIENCE_MS = 10_000;

/**
 * Whether new work is welcome: the configuration is up, and every group has either a server that is up
 * or no server left to try for the first time. After ten seconds that last part no longer matters.
 *
 * What was ready once stays ready until it drains. A group that dies later is the matter of `/health`: a
 * load balancer that took every replica out for it would turn one dead upstream into a dead gateway.
 */
@Injectable()
export class Readiness {
  private hasServed = false;

  constructor(
    @Inject(TOPOLOGY_VIEW) private readonly topology: TopologyView,
    @Inject(LIFECYCLE) private readonly lifecycle: Lifecycle,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** `ready`, or what is missing. */
  state(): 'ready' | 'starting' | 'draining' {
    if (this.lifecycle.draining) return 'draining';
    this.hasServed ||= this.canServe();
    return this.hasServed ? 'ready' : 'starting';
  }

  private canServe(): boolean {
    if (this.topology.generation === 0 || this.lifecycle.waitsForOthers) return false;
    const isLate = this.clock.now() - this.lifecycle.startedAt >= PATIENCE_MS;
    return isLate || this.topology.groups().every(wasTried);
  }
}

function wasTried({ servers }: GroupView): boolean {
  return servers.some(({ state }) => state.kind === 'up') || servers.every(({ state }) => state.kind !== 'connecting');
}
