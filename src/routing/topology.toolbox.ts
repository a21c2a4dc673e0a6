import { Inject, Injectable, Logger } from '@nestjs/common';

import type { AccessControl } from '../core/access.js';
import { CLOCK, type Clock } from '../core/clock.js';
import { Events } from '../core/events.js';
import type { Pins } from '../core/pins.js';
import { Sealer } from '../core/sealed.js';
import { ChainBuilder } from '../pipeline/index.js';
import type { Announcer } from './announcer/announcer.js';
import type { Listing } from './catalog/drain.js';
import type { GroupLists } from './catalog/group-lists.js';
import { Interned } from './catalog/interned.js';
import { PinnedListings } from './catalog/pinned-listings.js';
import type { Forwarder } from './forward/forwarder.js';
import type { GroupHolder } from './holder/group-holder.js';
import { Holders } from './holder/holders.js';
import type { Listens } from './listening/listens.js';
import type { LogLevels } from './log-levels.js';
import { onceOnly } from './notices.js';
import { RouterToolbox } from './router.toolbox.js';
import type { Subscriptions } from './subscriptions/subscriptions.js';
import type { TaskRelay } from './tasks/task-relay.js';
import type { TopologyTools } from './topology.builder.js';

/** What every generation of this process is built with. */
@Injectable()
export class TopologyToolbox implements TopologyTools {
  readonly levels: LogLevels;
  readonly announcer: Announcer;
  readonly subscriptions: Subscriptions;
  readonly listens: Listens;
  readonly forwarder: Forwarder;
  readonly access: AccessControl;
  readonly listings = new Interned<Listing>();
  readonly ownLists = new WeakMap<GroupHolder, GroupLists>();
  readonly notice: (text: string) => void;
  readonly tasks: TaskRelay;
  readonly pins: Pins;
  readonly pinned: PinnedListings;

  constructor(
    @Inject(CLOCK) readonly clock: Clock,
    readonly sealer: Sealer,
    readonly chains: ChainBuilder,
    readonly holders: Holders,
    readonly events: Events,
    router: RouterToolbox,
  ) {
    this.levels = router.levels;
    this.announcer = router.announcer;
    this.subscriptions = router.subscriptions;
    this.listens = router.listens;
    this.forwarder = router.forwarder;
    this.access = router.visibility.access;
    this.tasks = holders.tasks;
    this.pins = router.visibility.pins;
    this.pinned = new PinnedListings(this.pins);
    const logger = new Logger('Topology');
    this.notice = onceOnly((text) => logger.warn(text));
  }
}
