import type { AccessControl } from '../../core/access.js';
import type { Stay, Target } from '../../core/exchange.js';
import type { Principal } from '../../core/principal.js';
import type { GroupLists } from '../catalog/group-lists.js';
import type { GroupHolder } from '../holder/group-holder.js';
import type { Holders } from '../holder/holders.js';
import type { Guest } from '../holder/guest.js';
import type { OwnLists } from './own-lists.js';
import type { Showing } from './showing.js';
import type { ShowingFactory } from './showing.factory.js';

export interface ShowingsParts {
  readonly factory: ShowingFactory;
  /** The lists that everybody shares, by group in configured order. */
  readonly lists: readonly GroupLists[];
  readonly ownLists: OwnLists;
  readonly holders: Holders;
  readonly access: AccessControl;
  /** Own showings that are kept at most. The one unused longest gives way, and is made anew when it is needed. */
  readonly maxOwn: number;
  readonly now: () => number;
}

/** What is shown to one holder, for as long as it is used. */
interface Own {
  readonly showing: Showing;
  readonly holders: readonly GroupHolder[];
  /** Whether several downstreams may be shown it: those of one principal. */
  readonly plural: boolean;
  readonly stops: (() => void)[];
  usedAt: number;
}

/**
 * What one route of one generation shows: the same to everybody, but to whoever has a session of its own with one
 * of its groups what the servers show to that.
 */
export class Showings {
  readonly shared: Showing;
  private readonly own = new Map<string, Own>();
  private readonly stops: (() => void)[];
  private readonly name: string;
  /** Names of the groups that have a session for each downstream. Those that keep sessions are found out one by one. */
  private readonly forEach = new Set<string>();
  private forCapable = false;
  private forPrincipals = false;
  /** Names of the groups that may have sessions, or are shown who asks. */
  private legacy = '';

  constructor(private readonly parts: ShowingsParts) {
    const groups = parts.lists.map(({ group }) => group);
    this.name = parts.factory.settings.name;
    this.shared = parts.factory.make(parts.lists);
    const decide = (): void => this.decide();
    this.stops = groups.map((group) => group.listen({ listChanged: decide, serverIntroduced: decide }));
    this.decide();
  }

  /** What a downstream is shown, apart from what policies hide. */
  of(stay: Stay): Showing {
    const key = this.ownKey(stay);
    if (key === undefined) return this.shared;
    const own = this.own.get(key) ?? this.make(key, this.guest(stay));
    own.usedAt = this.parts.now();
    // Whoever comes later stands behind the same holders: they end with the last, not with whoever came first.
    if (own.plural) for (const holder of own.holders) holder.enter(stay, this.guest(stay).routeName);
    return own.showing;
  }

  /**
   * What a downstream is shown, without what policies hide.
   *
   * @param principal of the request that asks, where it may see something else than the one whose stay it is
   */
  seen(stay: Stay, principal: Principal = stay.principal): Showing {
    const showing = this.of(stay);
    const sight = this.parts.access.sightOf(principal, this.name);
    return sight ? showing.seenBy(sight) : showing;
  }

  /** Whether a downstream may go on being told of a resource. */
  mayFollow({ principal }: Stay, resource: Target): boolean {
    return this.parts.access.mayFollow(principal, this.name, resource);
  }

  /** Whether a downstream may be shown anything of a group. */
  reaches(principal: Principal, group: string): boolean {
    return this.parts.access.sightOf(principal, this.name)?.reaches(group) ?? true;
  }

  /** Whether policies hide anything from a downstream. */
  isConfined({ principal }: Stay): boolean {
    return this.parts.access.sightOf(principal, this.name) !== undefined;
  }

  /** What tells what a downstream sees from what others do. Undefined for what is everybody's. */
  keyOf(stay: Stay): string | undefined {
    const own = this.ownKey(stay);
    const sight = this.parts.access.sightOf(stay.principal, this.name);
    return sight ? `${own ?? ''}\n${sight.key}` : own;
  }

  /** Whether a downstream is shown something of its own, as it has a session of its own with one of the groups. */
  areOwn(stay: Stay): boolean {
    return this.ownKey(stay) !== undefined;
  }

  /** What tells the showing of a downstream from those of others. Undefined for the one that is everybody's. */
  private ownKey(stay: Stay): string | undefined {
    if (this.forEach.size === 0 && !this.forCapable && !this.forPrincipals) return undefined;
    // Without a session there is nothing that it could be shown for longer than one request.
    const isLasting = stay.peer?.era !== 'modern';
    if (!isLasting && !this.forPrincipals) return undefined;
    const guest = this.guest(stay);
    if (!isLasting) return guest.principalKey;
    if (this.forEach.size > 0 || (this.forCapable && !guest.plain)) return stay.id;
    return this.forPrincipals ? guest.principalKey : undefined;
  }

  get size(): number {
    return this.own.size;
  }

  /** Stops listening. What is under way may still end. */
  close(): void {
    for (const stop of this.stops) stop();
    for (const { stops } of this.own.values()) for (const stop of stops) stop();
    this.own.clear();
  }

  private guest(stay: Stay): Guest {
    return this.parts.holders.guest(stay, this.name);
  }

  /**
   * Whether a group keeps sessions, and whether it has any at all, is known once it was reached: then whoever is
   * shown it may need one, or none any more.
   */
  private decide(): void {
    const before = this.decision;
    const groups = this.parts.lists.map(({ group }) => group);
    const legacy = groups.filter(({ era, tellsCallersApart }) => era !== 'modern' || tellsCallersApart);
    for (const { name, era } of groups) if (era === 'modern') this.forEach.delete(name);
    for (const { name, isolation, keepsSessions } of legacy) {
      if (isolation === 'session' || (isolation === 'auto' && keepsSessions)) this.forEach.add(name);
    }
    this.forCapable = legacy.some(({ isolation }) => isolation === 'auto');
    this.forPrincipals = legacy.some(({ isolation }) => isolation === 'principal');
    this.legacy = legacy.map(({ name }) => name).join();
    if (this.decision !== before) for (const key of this.own.keys()) this.drop(key);
  }

  /** Another one whenever those who have own showings may need others. */
  private get decision(): string {
    return `${this.legacy} ${this.forEach.size}`;
  }

  private make(key: string, guest: Guest): Own {
    this.makeRoom();
    const holders: GroupHolder[] = [];
    const lists = this.parts.lists.map((shared) => {
      const holder = this.parts.holders.of(guest, shared.group);
      if (!holder) return shared;
      holders.push(holder);
      return this.parts.ownLists.hold(shared.group, holder);
    });
    const plural = key !== guest.stay.id;
    const own: Own = { showing: this.parts.factory.make(lists, this.shared), holders, plural, stops: [], usedAt: 0 };
    this.own.set(key, own);
    // Not all of them end at once: each may be used for other requests as well.
    for (const owner of plural ? holders : [guest.stay]) own.stops.push(owner.onEnd(() => this.drop(key)));
    return own;
  }

  private makeRoom(): void {
    if (this.own.size < this.parts.maxOwn) return;
    let idle: string | undefined;
    let since = Infinity;
    for (const [key, { usedAt }] of this.own) {
      if (usedAt >= since) continue;
      idle = key;
      since = usedAt;
    }
    if (idle !== undefined) this.drop(idle);
  }

  private drop(key: string): void {
    const own = this.own.get(key);
    if (!own) return;
    this.own.delete(key);
    for (const stop of own.stops) stop();
    for (const holder of own.holders) this.parts.ownLists.release(holder);
  }
}
