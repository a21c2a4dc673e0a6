import { Injectable } from '@nestjs/common';

import { IdTable } from '../../core/id-table.js';
import type { InFlight } from '../../session/index.js';
import { Listens } from './listens.js';

/** A request that no connection knows of. */
export interface Visitor extends InFlight {
  /** Unique in this process. */
  readonly id: string;
}

/** Modern requests, as far as nobody else knows of them: there is no session that they belong to. */
@Injectable()
export class Visitors {
  readonly listens = new Listens();
  /** Those over HTTP that wait for their reply, each for itself. */
  private readonly here = new IdTable<Visitor>();

  enter(visitor: Visitor): void {
    this.here.set(visitor.id, visitor);
  }

  leave(visitor: Visitor): void {
    this.here.delete(visitor.id);
  }

  /** Those over HTTP that wait for their reply. */
  all(): readonly Visitor[] {
    return this.here.values();
  }
}
