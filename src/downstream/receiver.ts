import { Injectable } from '@nestjs/common';

import { classify, type Incoming } from '../protocol/index.js';
import { LegacyReceiver } from './legacy-receiver.js';
import type { Leg } from './leg.js';
import { modernLegOf } from './modern/modern-leg.js';
import { ModernReceiver } from './modern/modern-receiver.js';
import type { Outlet } from './outlet.js';

/**
 * Takes the messages of connections that last, on which both eras may be spoken at once: each message says itself
 * which one it is of.
 */
@Injectable()
export class Receiver {
  constructor(
    private readonly legacy: LegacyReceiver,
    private readonly modern: ModernReceiver,
  ) {}

  /** Never throws. Requests are answered through the outlet, whatever is the matter with them. */
  receive(incoming: Incoming, leg: Leg, outlet: Outlet): void {
    // What is said without waiting for an answer says it to the connection, which knows what is in flight of either era.
    const era = incoming.kind === 'notification' ? 'legacy' : classify(incoming, undefined, false);
    if (era === 'legacy') this.legacy.receive(incoming, leg, outlet);
    else if (era === 'modern') this.modern.receive(incoming, modernLegOf(leg), outlet);
    else this.modern.refuse(incoming, era, modernLegOf(leg), outlet);
  }

  /** Announces a message that nobody can use. @param why from a fixed set */
  dropped(why: string): void {
    this.legacy.dropped(why);
  }
}
