import type { Stay } from '../../core/exchange.js';
import type { Params } from '../../core/message.js';
import { renamedUpdate, updateOf } from './resource-uris.js';

/** Who is told of updates. */
export interface UpdateListener {
  readonly stay: Stay;
  /** @param subscribed what the listener calls what it subscribed to */
  tell(params: Params, subscribed: string): void;
}

/** Those who subscribed to one resource, each with what it calls it. */
export class Listeners extends Map<UpdateListener, string> {
  /**
   * Brings an update to all who are not in `told` yet.
   *
   * @param part what follows the URI of the resource, where only a part of it was updated
   */
  update(params: Params, part: string, told: Set<UpdateListener>): void {
    for (const [listener, name] of this) {
      if (told.has(listener)) continue;
      told.add(listener);
      listener.tell(renamedUpdate(params, name + part), name);
    }
  }

  /** The resource may have changed, without a server having said so. */
  updateUnseen(): void {
    for (const [listener, name] of this) listener.tell(updateOf(name), name);
  }
}
