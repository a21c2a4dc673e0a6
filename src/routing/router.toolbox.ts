import { Injectable } from '@nestjs/common';

import { Announcer } from './announcer/announcer.js';
import { Forwarder } from './forward/forwarder.js';
import { Listens } from './listening/listens.js';
import { LogLevels } from './log-levels.js';
import type { RouterTools } from './router.js';
import { Subscriptions } from './subscriptions/subscriptions.js';
import { Visibility } from './visibility.js';

/** What every router of this process works with. */
@Injectable()
export class RouterToolbox implements RouterTools {
  constructor(
    readonly levels: LogLevels,
    readonly announcer: Announcer,
    readonly subscriptions: Subscriptions,
    readonly listens: Listens,
    readonly forwarder: Forwarder,
    readonly visibility: Visibility,
  ) {}
}
