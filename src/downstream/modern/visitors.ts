import { Injectable } from '@nestjs/common';

import { IdTable } from '../../core/id-table.js';
import type { Principal } from '../../core/principal.js';
import { PrincipalTally } from '../../core/principal-tally.js';
import type { InFlight } from '../../session/index.js';
import { Listens } from './listens.js';

/** A request that no connection knows of. */
export interface Visitor extends InFlight {
  /** Unique in this process. */
  readonly id: string;
  readonly principal: Principal;
}

/** Modern requests, as far as nobody else knows of them: there is no session that they belong to. */
@Injectable()
export class Visitors {
  readonly listens = new Listens();
  /** Those over HTTP that wait for their reply, each for itself. */
  private readonly here = new IdTable<Visitor>();
  private readonly tally = new PrincipalTally();

  enter(visitor: Visitor): void {
    this.here.set(visitor.id, visitor);
    this.tally.add(visitor.principal);
  }

  leave(visitor: Visitor): void {
    this.here.delete(visitor.id);
    this.tally.remove(visitor.principal);
  }

  /** How many a principal has here. */
  of(principal: Principal): number {
    return this.tally.of(principal);
  }

  /** Those over HTTP that wait for their reply. */
  all(): readonly Visitor[] {
    return this.here.values();
  }
}
