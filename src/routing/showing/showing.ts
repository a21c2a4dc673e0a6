import type { Catalog } from '../catalog/catalog.js';
import type { Directory } from '../catalog/directory.js';
import type { CatalogKind } from '../catalog/list-kind.js';
import type { Member } from '../catalog/member.js';
import type { ListPages } from '../merge/list-pages.js';
import type { MergedLists } from '../merge/merged-list.js';

export interface ShowingParts {
  readonly members: readonly Member[];
  readonly merged: MergedLists;
  readonly catalog: Catalog;
  readonly directory: Directory;
  readonly pages: Readonly<Record<CatalogKind | 'tasks', ListPages>>;
  /** What everybody else is shown, where this is what a holder is. */
  readonly beside: Showing | undefined;
}

/** What a route shows, to everybody or to one holder: its groups, their lists, and what stands behind each name. */
export class Showing {
  readonly members: readonly Member[];
  readonly byName: ReadonlyMap<string, Member>;
  readonly catalog: Catalog;
  /** Says whose a name is; on the route of one group everything is its own, whatever the catalog knows. */
  readonly directory: Directory;
  readonly pages: Readonly<Record<CatalogKind | 'tasks', ListPages>>;
  private readonly merged: MergedLists;
  private readonly beside: Showing | undefined;

  constructor({ members, merged, catalog, directory, pages, beside }: ShowingParts) {
    this.members = members;
    this.byName = new Map(members.map((member) => [member.name, member]));
    this.catalog = catalog;
    this.directory = directory;
    this.pages = pages;
    this.merged = merged;
    this.beside = beside;
  }

  /** A mark of the list that was shown last: another one for another list. */
  shown(kind: CatalogKind): string {
    return kind === 'resources' ? this.resources() : (this.merged[kind].latest?.hash ?? '');
  }

  /** A mark, as `shown`, of the list as far as it is known now, without asking for it. */
  known(kind: CatalogKind): string {
    return kind === 'resources' ? this.resources() : this.merged[kind].known(this.beside?.merged).hash;
  }

  /** Resources are shown page by page, and so never merged. Groups without any are as good as not there. */
  private resources(): string {
    const shown = this.members.filter(({ lists }) => lists.hasResources);
    return shown.map(({ name, prefix, lists }) => `${name} ${prefix} ${lists.resourcesMark}`).join();
  }
}
