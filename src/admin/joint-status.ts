import { Injectable } from '@nestjs/common';

import { topic } from '../core/worker-bus.js';
import type { RequestTotals } from '../core/workers-view.js';
import { AllWorkers } from './all-workers.js';
import { StatusService } from './status.service.js';
import type { GatewayStatus } from './status.view.js';
import type { GroupStatus } from './upstream.view.js';
import { UpstreamsService } from './upstreams.service.js';

const STATUS_VIEWED = topic<undefined, GatewayStatus>('status.viewed');

/** The status of all workers as one. */
@Injectable()
export class JointStatus {
  constructor(
    private readonly status: StatusService,
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

  private readonly own = (): GatewayStatus => this.status.get();
}

/** @param totals what all have answered, those included that have ended; undefined where there is one process */
function joinStatus(
  all: readonly GatewayStatus[],
  totals: RequestTotals | undefined,
  groups: readonly GroupStatus[],
): GatewayStatus {
  const [first] = all as readonly [GatewayStatus];
  if (!totals) return first;
  return Object.assign({}, first, {
    generation: Math.min(...all.map(({ generation }) => generation)),
    uptime_seconds: Math.max(...all.map((each) => each.uptime_seconds)),
    draining: all.every(({ draining }) => draining),
    connections: all.reduce((sum, { connections }) => sum + connections, 0),
    servers_up: groups.reduce((sum, group) => sum + group.servers_up, 0),
    requests_total: totals.total,
    requests_failed: totals.failed,
  });
}
