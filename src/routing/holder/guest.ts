import { honoured, profileOf } from '../../bridge/index.js';
import type { Stay } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { principalKey } from '../../core/principal.js';
import type { GroupHolder } from './group-holder.js';
import { modernKey } from './holder-pool.js';
import { legacyProfile } from './legacy-profile.js';

/** One downstream as upstream sessions are kept for it: what servers may be told of it, and the holders made for it alone. */
export class Guest {
  readonly capabilities: JsonObject;
  /** It has no session: it is gone with the request that it sent. */
  readonly isModern: boolean;
  /** It can do nothing that a server could ask of it: any session is as good as another. */
  readonly plain: boolean;
  /** The same for all downstreams of its principal that can do the same. */
  readonly principalKey: string;
  /** By name of the group. */
  readonly own = new Map<string, GroupHolder>();

  /** @param routeName of the route that it came by */
  constructor(
    readonly stay: Stay,
    readonly routeName: string,
  ) {
    this.capabilities = stay.peer ? honoured(stay.peer) : {};
    this.isModern = stay.peer?.era === 'modern';
    this.plain = Object.keys(this.capabilities).length === 0;
    this.principalKey = this.isModern
      ? modernKey(stay, legacyProfile(this.capabilities))
      : principalKey(stay.principal) + profileOf(this.capabilities);
  }
}
