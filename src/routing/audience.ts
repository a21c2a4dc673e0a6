import { Injectable } from '@nestjs/common';

import type { Stay } from '../core/exchange.js';

/** Who is there: the downstreams of each route, so that they can be told what concerns them. */
@Injectable()
export class Audience {
  private readonly stays = new Map<string, Set<Stay>>();

  /** Enters a downstream that has introduced itself, or is about to, until its stay ends. */
  enter(routeName: string, stay: Stay): void {
    const here = this.stays.get(routeName) ?? new Set();
    this.stays.set(routeName, here.add(stay));
    stay.onEnd(() => {
      here.delete(stay);
      if (here.size === 0 && this.stays.get(routeName) === here) this.stays.delete(routeName);
    });
  }

  of(routeName: string): Iterable<Stay> {
    return this.stays.get(routeName) ?? [];
  }
}
