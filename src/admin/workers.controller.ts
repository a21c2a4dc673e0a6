import { Get, Inject } from '@nestjs/common';

import { CLOCK, type Clock } from '../core/clock.js';
import { LIFECYCLE, type Lifecycle } from '../core/views.js';
import type { WorkerView } from '../core/workers-view.js';
import { AdminApi } from './admin-api.decorator.js';
import { AllWorkers } from './all-workers.js';
import { ApiOkResponse, ApiOperation } from './description.js';
import { Needs } from './needs.decorator.js';
import { toWorkerStatus, WorkerList } from './worker.view.js';

@AdminApi('workers')
export class WorkersController {
  constructor(
    private readonly workers: AllWorkers,
    @Inject(LIFECYCLE) private readonly lifecycle: Lifecycle,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @Needs('viewer')
  @ApiOperation({ summary: 'The processes that serve' })
  @ApiOkResponse({ type: WorkerList, description: 'Every worker; one where `[server] workers` is 1.' })
  async list(): Promise<WorkerList> {
    const views = (await this.workers.list()) ?? [this.alone()];
    return { workers: views.map(toWorkerStatus) };
  }

  private alone(): WorkerView {
    const { startedAt, draining } = this.lifecycle;
    const since = this.clock.wall() - (this.clock.now() - startedAt);
    return { slot: 1, pid: process.pid, state: draining ? 'stopping' : 'ready', restarts: 0, since };
  }
}
