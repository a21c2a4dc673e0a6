import type { Sight } from '../../core/access.js';
import type { Catalog } from '../catalog/catalog.js';
import type { Directory } from '../catalog/directory.js';
import type { CatalogKind } from '../catalog/list-kind.js';
import type { Member } from '../catalog/member.js';
import type { ListPages } from '../merge/list-pages.js';
import type { MergedLists } from '../merge/merged-list.js';
import { seenList } from '../merge/seen-list.js';
import { seenResourcesMark } from './seen-resources.js';

type Pages = Readonly<Record<CatalogKind | 'tasks', ListPages>>;

/** Sights by which one showing is kept. */
const MAX_SIGHTS = 256;

export interface ShowingParts {
  readonly members: readonly Member[];
  readonly merged: MergedLists;
  readonly catalog: Catalog;
  readonly directory: Directory;
  /** How its lists are answered to those who see so much of them. */
  readonly pages: (sight?: Sight) => Pages;
  /** What everybody else is shown, where this is what a holder is. */
  readonly beside: Showing | undefined;
  /** What of it is shown. Undefined for all of it. */
  readonly sight?: Sight | undefined;
}

/** What a route shows, to everybody or to one holder: its groups, their lists, and what stands behind each name. */
export class Showing {
  readonly members: readonly Member[];
  readonly byName: ReadonlyMap<string, Member>;
  readonly catalog: Catalog;
  /** Says whose a name is; on the route of one group everything is its own, whatever the catalog knows. */
  readonly directory: Directory;
  readonly pages: Pages;
  private readonly merged: MergedLists;
  private readonly beside: Showing | undefined;
  private readonly sight: Sight | undefined;
  private readonly seen = new Map<string, Showing>();

  constructor(private readonly parts: ShowingParts) {
    const { members, merged, catalog, directory, pages, beside, sight } = parts;
    this.members = members;
    this.byName = new Map(members.map((member) => [member.name, member]));
    this.catalog = catalog;
    this.directory = directory;
    this.pages = pages(sight);
    this.merged = merged;
    this.beside = beside;
    this.sight = sight;
  }

  /** As much of it as a sight shows: the same for all who see the same. */
  seenBy(sight: Sight): Showing {
    const known = this.seen.get(sight.key);
    if (known) return known;
    const [oldest] = this.seen.size >= MAX_SIGHTS ? this.seen.keys() : [];
    if (oldest !== undefined) this.seen.delete(oldest);
    const showing = new Showing({ ...this.parts, sight });
    this.seen.set(sight.key, showing);
    return showing;
  }

  /** Whether anything of a group may be shown. */
  reaches(group: string): boolean {
    return this.sight?.reaches(group) ?? true;
  }

  /** A mark of the list that was shown last: another one for another list. */
  shown(kind: CatalogKind): string {
    if (kind === 'resources') return this.resources();
    const { latest } = this.merged[kind];
    return latest ? seenList(latest, this.sight).hash : '';
  }

  /** A mark, as `shown`, of the list as far as it is known now, without asking for it. */
  known(kind: CatalogKind): string {
    if (kind === 'resources') return this.resources();
    return seenList(this.merged[kind].known(this.beside?.merged), this.sight).hash;
  }

  /** Resources are shown page by page, and so never merged. Groups without any are as good as not there. */
  private resources(): string {
    const shown = this.members.filter(({ lists }) => lists.hasResources);
    const { sight } = this;
    const marks = shown.flatMap(({ name, prefix, lists }) => {
      const mark = sight ? seenResourcesMark(lists, sight) : lists.resourcesMark;
      return mark === undefined ? [] : [`${name} ${prefix} ${mark}`];
    });
    return marks.join();
  }
}
