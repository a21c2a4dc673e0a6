import { Inject, Injectable } from '@nestjs/common';

import { CLOCK, type Clock } from '../../core/clock.js';
import type { Stay } from '../../core/exchange.js';
import type { ServerPeer } from '../../core/peer.js';
import type { Group, ListKind } from '../../upstream/index.js';
import { Audience } from '../audience.js';
import type { GroupLists } from '../catalog/group-lists.js';
import { LISTS } from '../catalog/list-kind.js';
import type { Showing } from '../showing/showing.js';
import type { Showings } from '../showing/showings.js';
import { Coalescer } from './coalescer.js';
import type { ListListener } from './list-listener.js';
import { ToldTable } from './told-table.js';
import { Told, type Marks, type ShownList } from './told.js';

/** How long changes are gathered before anybody hears of them. */
const GATHERING = { quiet: 250, longest: 1_000 };
/** How long those who answered at once wait for a group that does not, in milliseconds. */
const PATIENCE_MS = 1_000;

const LIST_KINDS: readonly ListKind[] = ['tools', 'prompts', 'resources'];

/** What may have changed: lists of groups, each with the kinds in question. */
type Doubts = Map<GroupLists, Set<ListKind>>;

/**
 * Tells downstreams that a list changed: once for whatever came close together, only when the list that they would
 * get is another one than the one that they were told last, and only of lists that somebody asked for; those who
 * listen, of the lists that they listen for, whether or not anybody asked. Lives over all generations.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/server/tools#list-changed-notification
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions
 */
@Injectable()
export class Announcer {
  /** Of the generation in force, by name. */
  private routes: ReadonlyMap<string, Showings> = new Map();
  private readonly told = new ToldTable();
  private doubts: Doubts = new Map();
  /** The generation is another one: groups may have come and gone. */
  private anew = false;
  /** As which the groups of the generation in force were introduced when it began, by name. */
  private introduced: ReadonlyMap<string, ServerPeer | undefined> = new Map();
  private readonly gathering: Coalescer;

  constructor(
    private readonly audience: Audience,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.gathering = new Coalescer(clock, GATHERING, () => void this.settle());
  }

  /** A new generation is in force: it may show other lists. */
  follow(routes: ReadonlyMap<string, Showings>): void {
    this.routes = routes;
    for (const told of this.told.all()) this.rehome(told);
    for (const name of this.told.routes()) {
      for (const { lists } of routes.get(name)?.shared.members ?? []) this.doubt(lists, LIST_KINDS);
    }
    for (const told of this.told.all()) this.doubtOwn(told);
    this.introduced = new Map(this.groups().map(({ name, peer }) => [name, peer]));
    if (this.told.isEmpty) return;
    this.anew = true;
    this.gathering.touch();
  }

  /** A list of a group may have changed. */
  changed(lists: GroupLists, kind: ListKind): void {
    if (!this.told.isEmpty) this.doubt(lists, [kind]);
  }

  /** A downstream was shown a list from its beginning, perhaps still by the generation before. */
  answered({ route, kind, mark }: ShownList, stay: Stay): void {
    const showings = this.routes.get(route);
    if (!showings) return;
    const key = showings.keyOf(stay);
    // A modern downstream is gone when it has its list: it is told of changes where it listens.
    const told = stay.peer?.era === 'modern' ? this.told.get(route, key) : this.told.open(route, key, stay);
    if (told?.answered(kind, mark, stay)) this.gathering.touch();
    this.doubtMarks(showings, { route, kind, mark }, key);
  }

  /**
   * Tells a downstream of each change from now on. Returns how to stop.
   *
   * @param marks of the lists that it listens for, as they were known when it began
   */
  listen(listener: ListListener, marks: Marks): () => void {
    const told = new Told(listener.route, undefined, listener, marks);
    const stop = this.told.listen(told);
    // What is out of date may have changed already, with nobody there who wanted to know.
    this.doubtListened(told);
    return stop;
  }

  /** Has another look at the lists that are listened for: of servers that announce no changes it is asked again. */
  recheck(): void {
    for (const told of this.told.listened()) this.doubtListened(told);
  }

  /**
   * Whoever listens may have been shown what somebody was shown: if that is another list than it was told of, it has
   * to hear of it even if the list is the old one again by the time that changes are told.
   */
  private doubtMarks(showings: Showings, { route, kind, mark }: ShownList, key: string | undefined): void {
    for (const told of this.told.listeningOn(route)) {
      if (!told.isBehind(kind, mark) || !told.listener || showings.keyOf(told.listener.stay) !== key) continue;
      told.doubt(kind);
      this.gathering.touch();
    }
  }

  private doubtListened(told: Told): void {
    const kinds = [...new Set(Array.from(told.kinds, (kind) => LISTS[kind].capability))];
    for (const { lists } of this.showingOf(told)?.members ?? []) this.doubt(lists, kinds);
  }

  /** What holders were told is asked again only where the servers are others: they may be many. */
  private doubtOwn(told: Told): void {
    if (told.key === undefined && !told.listener) return;
    for (const { lists, group } of this.showingOf(told)?.members ?? []) {
      if (!group.peer || this.introduced.get(group.name) !== group.peer) this.doubt(lists, LIST_KINDS);
    }
  }

  private groups(): Group[] {
    return Array.from(this.routes.values(), ({ shared }) => shared.members.map(({ group }) => group)).flat();
  }

  private doubt(lists: GroupLists, kinds: readonly ListKind[]): void {
    const known = this.doubts.get(lists) ?? new Set();
    for (const kind of kinds) known.add(kind);
    this.doubts.set(lists, known);
    this.gathering.touch();
  }

  /** Asks again what may have changed, and says what did. */
  private async settle(): Promise<void> {
    const { doubts, anew } = this;
    this.doubts = new Map();
    this.anew = false;
    this.catchUp();
    const asked = Array.from(doubts, ([lists, kinds]) => this.reload(lists, kinds)).flat();
    const all = Promise.allSettled(asked);
    await this.withPatience(all);
    const affected = this.affected(doubts, anew);
    for (const [told, kinds] of affected) this.compare(told, kinds);
    await all;
    for (const [told, kinds] of affected) this.compare(told, kinds);
  }

  /** Asks for the lists that somebody asked for. */
  private reload(lists: GroupLists, kinds: ReadonlySet<ListKind>): Promise<void>[] {
    const wanted = new Set(this.seeing(lists).flatMap((told) => [...told.kinds]));
    return [...wanted].filter((kind) => kinds.has(LISTS[kind].capability)).map((kind) => lists.reload(kind));
  }

  private affected(doubts: Doubts, anew: boolean): Map<Told, Set<ListKind>> {
    // Who listens is compared each time: whoever else asked may have found a list to be another one.
    const always = anew ? this.told.all() : this.told.listened();
    const affected = new Map(always.map((told) => [told, new Set(LIST_KINDS)]));
    for (const [lists, kinds] of doubts) {
      for (const told of this.seeing(lists)) affected.set(told, new Set([...(affected.get(told) ?? []), ...kinds]));
    }
    return affected;
  }

  private compare(told: Told, kinds: ReadonlySet<ListKind>): void {
    const showing = this.showingOf(told);
    if (!showing) return;
    const changed = new Set<ListKind>();
    for (const kind of told.kinds) {
      const { capability } = LISTS[kind];
      if (kinds.has(capability) && told.differs(kind, showing.known(kind))) changed.add(capability);
    }
    for (const capability of changed) this.tell(told, capability);
  }

  /** Those who were told before one of them was told something else. */
  private catchUp(): void {
    for (const told of this.told.all()) {
      for (const [kind, knower] of told.takeBehind()) this.tell(told, kind, knower);
    }
  }

  /** Whoever is shown something else than those who were told the same has to be told by itself from now on. */
  private rehome(told: Told): void {
    if (told.listener) return;
    const showings = this.routes.get(told.route);
    if (!showings) return this.told.drop(told);
    for (const stay of told.askers) {
      const isEverybodys = told.key === undefined && !showings.isConfined(stay);
      if (!isEverybodys && showings.keyOf(stay) !== told.key) this.move(told, stay, showings);
    }
  }

  /**
   * A list of another holder than before is told to have changed: nobody knows whether it is the same. Where only the
   * policies are others it is known what was seen before, and what is now.
   */
  private move(told: Told, stay: Stay, showings: Showings): void {
    const key = showings.keyOf(stay);
    const isSameHolder = holderIn(key) === holderIn(told.key);
    const showing = showings.seen(stay);
    const changed = Array.from(told.kinds).filter((kind) => !isSameHolder || told.isBehind(kind, showing.known(kind)));
    this.told.left(told, stay);
    if (isSameHolder) {
      const next = this.told.open(told.route, key, stay);
      for (const kind of told.kinds) next.resume(kind, showing.known(kind));
    }
    for (const kind of new Set(changed.map((kind) => LISTS[kind].capability))) deliver(stay, kind);
  }

  private tell(told: Told, kind: ListKind, except?: Stay): void {
    if (told.listener) return told.listener.listChanged(kind);
    for (const stay of this.staysOf(told)) if (stay !== except) deliver(stay, kind);
  }

  /** Who was told this. Whoever was shown nothing of its own so far was told what everybody was. */
  private staysOf({ route, key, askers }: Told): Iterable<Stay> {
    const showings = this.routes.get(route);
    if (!showings) return [];
    if (key !== undefined) return [...askers].filter((stay) => !stay.ended);
    return [...this.audience.of(route)].filter((stay) => {
      const own = showings.keyOf(stay);
      return own === undefined || !(this.told.get(route, own) || showings.isConfined(stay));
    });
  }

  private showingOf({ route, key, asker, listener }: Told): Showing | undefined {
    const showings = this.routes.get(route);
    if (listener) return listener.stay.ended ? undefined : showings?.seen(listener.stay);
    if (key === undefined) return showings?.shared;
    return asker && showings?.seen(asker);
  }

  /** What was told of a list of the generation in force, among others. */
  private seeing(lists: GroupLists): Told[] {
    const { name } = lists.group;
    const listened = this.told.listened().filter((told) => this.showingOf(told)?.byName.get(name)?.lists === lists);
    return [...this.shownIn(lists), ...listened];
  }

  private shownIn(lists: GroupLists): Told[] {
    const { holder, group } = lists;
    if (holder) {
      const told = [...this.routes].flatMap(([route, showings]) => {
        const keys = new Set([
          holder.key,
          ...Array.from(holder.stays, (stay) => [stay.id, showings.keyOf(stay)]).flat(),
        ]);
        return Array.from(keys, (key) => this.told.get(route, key) ?? []).flat();
      });
      return told.filter((each) => this.showingOf(each)?.byName.get(group.name)?.lists === lists);
    }
    return [...this.routes].flatMap(([route, { shared }]) =>
      shared.byName.get(group.name)?.lists === lists ? this.told.on(route) : [],
    );
  }

  /** Resolves when this does, or when it takes too long. */
  private withPatience(all: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.clock.after(PATIENCE_MS, resolve);
      void all.then(() => {
        timer.cancel();
        resolve();
      });
    });
  }
}

/** Which part of a key tells holders apart; the rest of it tells what policies let them see. */
function holderIn(key: string | undefined): string {
  return key?.split('\n', 1)[0] ?? '';
}

function deliver(stay: Stay, kind: ListKind): void {
  if (stay.ended || !stay.peer) return;
  stay.deliver({ kind: 'notification', method: `notifications/${kind}/list_changed`, params: undefined });
}
