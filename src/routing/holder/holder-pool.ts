import type { Clock } from '../../core/clock.js';
import { DeadlineSweep } from '../../core/deadline-sweep.js';
import type { Exchange, Stay } from '../../core/exchange.js';
import { principalKey } from '../../core/principal.js';
import type { LogLevel } from '../../protocol/index.js';
import type { Group } from '../../upstream/index.js';
import type { HolderHouse } from './group-holder.js';
import { legacyProfile, type LegacyProfile } from './legacy-profile.js';
import { PooledHolder } from './pooled-holder.js';

/** How long a server may go on speaking of a call that did not end with a reply. Milliseconds. */
const REST_MS = 10_000;

/** Holders of one principal and profile on one group. */
interface Shelf {
  readonly key: string;
  /** For all calls together. */
  plural: PooledHolder | undefined;
  /** For one call each, and not in use; what was used last stands last. */
  readonly free: PooledHolder[];
  /** How many there are, lent or not. */
  count: number;
}

/** Whose requests a holder is for. */
export interface Borrower {
  readonly group: Group;
  readonly stay: Stay;
  /** Of the route that it came by. */
  readonly route: string;
  readonly profile: LegacyProfile;
}

/**
 * The holders that requests of modern clients are lent: clients of that era have no sessions, and servers of the other
 * era have nothing else. A holder is for one principal and for clients that can do the same. Where servers say for
 * which request they speak one serves all; elsewhere it serves one call at a time, so that there is no doubt.
 */
export class HolderPool {
  private readonly shelves = new Map<string, Shelf>();
  private readonly all = new Set<PooledHolder>();
  private readonly sweep: DeadlineSweep<PooledHolder>;
  private names = 0;

  constructor(
    private readonly clock: Clock,
    private readonly house: HolderHouse,
  ) {
    this.sweep = new DeadlineSweep(
      clock,
      () => this.all,
      (idle) => idle.end(),
    );
  }

  get size(): number {
    return this.all.size;
  }

  get now(): number {
    return this.clock.now();
  }

  /** A holder until the stay of the exchange ends. */
  lend(exchange: Exchange, group: Group): PooledHolder {
    const { stay, route, logLevel } = exchange;
    const profile = legacyProfile(exchange.declares);
    const borrower = { group, stay, route, profile };
    // Where nothing can be asked there is no doubt whom it is asked of.
    const holder = group.knowsOrigin || profile.isPlain ? this.plural(borrower) : this.single(borrower, exchange);
    if (logLevel !== undefined && holder.wants(logLevel as LogLevel)) group.setLogLevel(logLevel, holder);
    return holder;
  }

  /** The holder of all that such a client asks at once, until its stay ends. */
  plural(borrower: Borrower): PooledHolder {
    const { stay, route } = borrower;
    const shelf = this.shelf(borrower);
    const holder = (shelf.plural ??= this.make(borrower, shelf, true));
    holder.enter(stay, route);
    return holder;
  }

  rested(holder: PooledHolder): void {
    this.sweep.watch(holder.deadline);
  }

  private single(borrower: Borrower, exchange: Exchange): PooledHolder {
    const { stay, route } = borrower;
    const shelf = this.shelf(borrower);
    const holder = takeFree(shelf, this.now) ?? this.make(borrower, shelf, false);
    holder.enter(stay, route);
    stay.onEnd(() => {
      if (exchange.signal.aborted) holder.restsUntil = this.now + REST_MS;
      shelf.free.push(holder);
    });
    return holder;
  }

  private make({ group, stay, profile }: Borrower, shelf: Shelf, plural: boolean): PooledHolder {
    const key = plural ? shelf.key : `${shelf.key} ${this.names++}`;
    const holder = new PooledHolder(
      { group: group.name, key, plural, capabilities: profile.capabilities, principal: stay.principal },
      this.house,
      this,
    );
    this.all.add(holder);
    shelf.count++;
    holder.onEnd(() => this.ended(holder, shelf));
    return holder;
  }

  private ended(holder: PooledHolder, shelf: Shelf): void {
    this.all.delete(holder);
    if (shelf.plural === holder) shelf.plural = undefined;
    const at = shelf.free.indexOf(holder);
    if (at >= 0) shelf.free.splice(at, 1);
    if (--shelf.count === 0) this.shelves.delete(`${holder.group} ${shelf.key}`);
  }

  private shelf({ group, stay, profile }: Borrower): Shelf {
    const key = modernKey(stay, profile);
    const name = `${group.name} ${key}`;
    let shelf = this.shelves.get(name);
    if (!shelf) this.shelves.set(name, (shelf = { key, plural: undefined, free: [], count: 0 }));
    return shelf;
  }
}

/** The same for all modern clients of a principal that can do the same, and no key of a holder of the other era. */
export function modernKey({ principal }: Stay, { text }: LegacyProfile): string {
  return `modern ${principalKey(principal)}${text}`;
}

/** The one that was used last: the others may come to their end. */
function takeFree({ free }: Shelf, now: number): PooledHolder | undefined {
  const at = free.findLastIndex(({ restsUntil }) => restsUntil <= now);
  return at < 0 ? undefined : free.splice(at, 1)[0];
}
