import { Inject, Injectable } from '@nestjs/common';

import { CLOCK, type Clock } from '../../core/clock.js';
import type { Exchange, Stay } from '../../core/exchange.js';
import type { Group } from '../../upstream/index.js';
import { TaskRelay } from '../tasks/task-relay.js';
import { GroupHolder, type HolderHouse, type HolderListener } from './group-holder.js';
import { Guest } from './guest.js';
import { HolderPool } from './holder-pool.js';
import { legacyProfile } from './legacy-profile.js';

/** The aggregated route, the only one on which names and URIs are prefixed. */
export const AGGREGATED = 'mcp';

/** Decides who holds sessions of its own with which group (`isolation`), and keeps the holders over all generations. */
@Injectable()
export class Holders implements HolderHouse {
  readonly listeners = new Set<HolderListener>();
  private readonly guests = new WeakMap<Stay, Guest>();
  /** Those of principals, by group and key. */
  private readonly plural = new Map<string, GroupHolder>();
  /** Those of requests of modern clients. */
  private readonly pool: HolderPool;
  private prefixes: ReadonlyMap<string, string> = new Map();

  constructor(
    readonly tasks: TaskRelay,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.pool = new HolderPool(clock, this);
  }

  /** How many holders there are for requests of modern clients. */
  get pooled(): number {
    return this.pool.size;
  }

  /** Takes note of the groups of a generation that takes over. */
  adopt(groups: readonly Group[]): void {
    this.prefixes = new Map(groups.map(({ name, prefix }) => [name, prefix]));
  }

  /** Hears of all holders. Returns how to stop. */
  listen(listener: HolderListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * How a downstream stands. The same object as long as it stays, once it has introduced itself.
   *
   * @param routeName of the route that it uses: the first one counts
   */
  guest(stay: Stay, routeName: string): Guest {
    const known = this.guests.get(stay);
    if (known) return known;
    const guest = new Guest(stay, routeName);
    if (stay.peer) this.guests.set(stay, guest);
    return guest;
  }

  /**
   * On whose session a downstream reaches the group. Undefined for the one that everybody shares. Servers without
   * sessions that are shown who asks have a holder for each principal all the same: what they tell is for that alone.
   */
  of(guest: Guest, group: Group): GroupHolder | undefined {
    const { name, isolation } = group;
    if (group.era === 'modern' && !group.tellsCallersApart) return undefined;
    if (guest.isModern) return isolation === 'principal' ? this.listing(guest, group) : undefined;
    if (isolation === 'principal') return this.together(guest, name);
    if (isolation === 'session') return this.single(guest, name);
    if (isolation === 'shared') return undefined;
    // Whoever has one keeps it: what a server remembers would be gone.
    const isNeeded = !guest.plain || group.keepsSessions || guest.own.has(name);
    return isNeeded ? this.single(guest, name) : undefined;
  }

  /**
   * On whose session a request of a modern client is sent to the group, until the stay of the exchange ends.
   * Undefined for the one that everybody shares.
   */
  lend(exchange: Exchange, group: Group): GroupHolder | undefined {
    const { era, isolation, keepsSessions } = group;
    if (era === 'modern' || isolation === 'shared') return undefined;
    if (isolation === 'auto' && !keepsSessions && legacyProfile(exchange.declares).isPlain) return undefined;
    return this.pool.lend(exchange, group);
  }

  prefixOn(routeName: string, group: string): string {
    return routeName === AGGREGATED ? (this.prefixes.get(group) ?? '') : '';
  }

  /** Whom the lists of a modern client are asked for. */
  private listing({ stay, routeName, capabilities }: Guest, group: Group): GroupHolder {
    return this.pool.plural({ group, stay, route: routeName, profile: legacyProfile(capabilities) });
  }

  private single(guest: Guest, group: string): GroupHolder {
    const known = guest.own.get(group);
    if (known) return known;
    const { stay, routeName, capabilities } = guest;
    const holder = new GroupHolder(
      { group, key: stay.id, plural: false, capabilities, principal: stay.principal },
      this,
    );
    guest.own.set(group, holder);
    holder.enter(stay, routeName);
    return holder;
  }

  private together(guest: Guest, group: string): GroupHolder {
    const { stay, routeName, capabilities, principalKey: key } = guest;
    const name = `${group} ${key}`;
    let holder = this.plural.get(name);
    if (!holder) {
      holder = new GroupHolder({ group, key, plural: true, capabilities, principal: stay.principal }, this);
      this.plural.set(name, holder);
      holder.onEnd(() => this.plural.delete(name));
    }
    holder.enter(stay, routeName);
    return holder;
  }
}
