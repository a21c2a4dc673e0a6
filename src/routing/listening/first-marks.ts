import { LISTS, type CatalogKind } from '../catalog/list-kind.js';
import type { Member } from '../catalog/member.js';
import type { Showing } from '../showing/showing.js';
import type { ListKind } from '../../upstream/index.js';
import { IN_DOUBT, type Marks } from '../announcer/told.js';

/**
 * The lists of a route as they are known when somebody begins to listen for them. A list that was never asked for is
 * asked for now: whoever is told that it changed has to know that from what it was. One whose server has said that it
 * changed, and that was not asked for since, nobody knows.
 */
export class FirstMarks {
  private readonly known = new Map<CatalogKind, string>();
  private readonly unknown: readonly CatalogKind[];

  constructor(
    private readonly showing: Showing,
    kinds: readonly ListKind[],
  ) {
    const wanted = (Object.keys(LISTS) as CatalogKind[]).filter((kind) => kinds.includes(LISTS[kind].capability));
    const isKnown = (kind: CatalogKind): boolean => showing.members.every((member) => isTold(member, kind));
    for (const kind of wanted.filter(isKnown)) this.known.set(kind, markOf(showing, kind));
    this.unknown = wanted.filter((kind) => !this.known.has(kind));
  }

  /** Asks the groups for what is not known. Never rejects: a group that cannot be asked is left out. */
  async load(): Promise<void> {
    const { members } = this.showing;
    const asked = this.unknown.flatMap((kind) =>
      members.filter((member) => !isTold(member, kind)).map(({ lists }) => lists.reload(kind)),
    );
    await Promise.allSettled(asked);
  }

  /** Those of some of the lists, as far as the groups have answered by now. */
  marks(kinds: readonly ListKind[]): Marks {
    const told = [...this.known, ...this.unknown.map((kind) => [kind, markOf(this.showing, kind)] as const)];
    return new Map(told.filter(([kind]) => kinds.includes(LISTS[kind].capability)));
  }
}

function markOf(showing: Showing, kind: CatalogKind): string {
  const changed = showing.members.filter(({ lists }) => lists.hasChanged(kind));
  return changed.some(({ name }) => showing.reaches(name)) ? IN_DOUBT : showing.known(kind);
}

/** Whether a group told its list, or has none. Resources count by all their pages. */
function isTold({ lists }: Member, kind: CatalogKind): boolean {
  const first = lists.known(kind);
  return first !== undefined && (kind !== 'resources' || !first.next || lists.known('inventory') !== undefined);
}
