import { Inject, Injectable, Logger } from '@nestjs/common';

import { CLOCK, type Clock } from '../core/clock.js';
import { Sealer } from '../core/sealed.js';
import { ChainBuilder } from '../pipeline/index.js';
import { Announcer } from './announcer/announcer.js';
import type { Listing } from './catalog/drain.js';
import type { GroupLists } from './catalog/group-lists.js';
import { Interned } from './catalog/interned.js';
import type { GroupHolder } from './holder/group-holder.js';
import { Holders } from './holder/holders.js';
import { LogLevels } from './log-levels.js';
import { onceOnly } from './notices.js';
import { Subscriptions } from './subscriptions/subscriptions.js';
import type { TaskRelay } from './tasks/task-relay.js';
import type { TopologyTools } from './topology.builder.js';

/** What every generation of this process is built with. */
@Injectable()
export class TopologyToolbox implements TopologyTools {
  readonly levels = new LogLevels();
  readonly listings = new Interned<Listing>();
  readonly ownLists = new WeakMap<GroupHolder, GroupLists>();
  readonly notice: (text: string) => void;
  readonly tasks: TaskRelay;

  constructor(
    @Inject(CLOCK) readonly clock: Clock,
    readonly sealer: Sealer,
    readonly chains: ChainBuilder,
    readonly holders: Holders,
    readonly announcer: Announcer,
    readonly subscriptions: Subscriptions,
  ) {
    this.tasks = holders.tasks;
    const logger = new Logger('Topology');
    this.notice = onceOnly((text) => logger.warn(text));
  }
}
