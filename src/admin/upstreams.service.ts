import { Inject, Injectable } from '@nestjs/common';

import { CLOCK, type Clock } from '../core/clock.js';
import { TOPOLOGY_VIEW, type TopologyView } from '../core/views.js';
import { topic } from '../core/worker-bus.js';
import { AllWorkers } from './all-workers.js';
import { joinGroups } from './joint-upstreams.js';
import { type GroupStatus, toGroupStatus } from './upstream.view.js';

const GROUPS_VIEWED = topic<undefined, readonly GroupStatus[]>('groups.viewed');

/** The groups and their servers, as all workers see them. */
@Injectable()
export class UpstreamsService {
  constructor(
    @Inject(TOPOLOGY_VIEW) private readonly topology: TopologyView,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly workers: AllWorkers,
  ) {
    workers.tell(GROUPS_VIEWED, this.own);
  }

  async groups(): Promise<readonly GroupStatus[]> {
    return joinGroups(await this.workers.gather(GROUPS_VIEWED, undefined, this.own));
  }

  private readonly own = (): readonly GroupStatus[] =>
    this.topology.groups().map((group) => toGroupStatus(group, this.clock.now()));
}
