import type { Sight } from '../../core/access.js';
import type { Clock } from '../../core/clock.js';
import type { Pins } from '../../core/pins.js';
import type { Sealer } from '../../core/sealed.js';
import { Catalog } from '../catalog/catalog.js';
import { OneGroup } from '../catalog/directory.js';
import type { GroupLists } from '../catalog/group-lists.js';
import { Interned } from '../catalog/interned.js';
import type { CatalogKind } from '../catalog/list-kind.js';
import type { ListSettings } from '../catalog/list-settings.js';
import { Member } from '../catalog/member.js';
import { ListCursors } from '../merge/list-cursor.js';
import { mergedLists, type MergedLists, type Notice } from '../merge/merged-list.js';
import { ResourcePages } from '../merge/resource-pages.js';
import { SnapshotPages } from '../merge/snapshot-pages.js';
import type { Snapshot } from '../merge/snapshot.js';
import { TaskPages } from '../tasks/task-pages.js';
import type { TaskRelay } from '../tasks/task-relay.js';
import { Showing } from './showing.js';

/** What all showings of one route have in common. */
export interface ShowingSettings {
  readonly name: string;
  readonly path: string;
  /** Whether its groups are told apart by prefixes; where not, there is one, under its own names. */
  readonly prefixed: boolean;
  readonly pageSize: number;
  readonly lists: ListSettings;
}

export interface ShowingTools {
  readonly clock: Clock;
  readonly sealer: Sealer;
  readonly notice: Notice;
  readonly tasks: TaskRelay;
  readonly pins: Pins;
}

/** To whom lists are shown. */
interface Shown {
  /** To everybody, not to a holder. */
  readonly isShared: boolean;
  readonly sight: Sight | undefined;
}

/** Makes the showings of one route in one generation. */
export class ShowingFactory {
  private readonly snapshots = new Interned<Snapshot>();
  private readonly cursors: Readonly<Record<CatalogKind | 'tasks', ListCursors>>;

  constructor(
    readonly settings: ShowingSettings,
    private readonly tools: ShowingTools,
  ) {
    const cursors = (kind: CatalogKind | 'tasks') => new ListCursors(tools.sealer, settings.path, kind);
    this.cursors = {
      tools: cursors('tools'),
      prompts: cursors('prompts'),
      templates: cursors('templates'),
      resources: cursors('resources'),
      tasks: cursors('tasks'),
    };
  }

  /**
   * What is shown of these groups.
   *
   * @param beside what everybody else is shown, where some of the lists are those of a holder
   */
  make(lists: readonly GroupLists[], beside?: Showing): Showing {
    const { name, prefixed } = this.settings;
    const members = lists.map((each) => new Member(each, prefixed ? each.group.prefix : '', this.tools.tasks));
    const { notice, pins } = this.tools;
    const merged = mergedLists(members, { notice, snapshots: this.snapshots, pins });
    const catalog = new Catalog(members, merged, beside?.catalog);
    const directory = prefixed ? catalog : new OneGroup(name, merged, catalog);
    const pages = (sight?: Sight) => this.pages(members, merged, { isShared: !beside, sight });
    return new Showing({ members, merged, catalog, directory, pages, beside });
  }

  private pages(members: readonly Member[], merged: MergedLists, { isShared, sight }: Shown): Showing['pages'] {
    const { cursors } = this;
    const { pageSize: size, lists } = this.settings;
    const traits = { size, timeout: lists.timeout, mayBePublic: isShared && !sight && lists.mayBePublic, sight };
    const reached = sight ? members.filter(({ name }) => sight.reaches(name)) : members;
    return {
      tools: new SnapshotPages(merged.tools, cursors.tools, traits),
      prompts: new SnapshotPages(merged.prompts, cursors.prompts, traits),
      templates: new SnapshotPages(merged.templates, cursors.templates, traits),
      tasks: new TaskPages(reached, cursors.tasks, size, this.tools.tasks),
      resources: new ResourcePages(members, cursors.resources, traits, this.tools.clock),
    };
  }
}
