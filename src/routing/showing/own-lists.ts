import { GroupLists, type GroupListsTools } from '../catalog/group-lists.js';
import type { GroupHolder } from '../holder/group-holder.js';
import type { Group } from '../../upstream/index.js';

interface Held {
  readonly lists: GroupLists;
  /** How many showings they are in. */
  users: number;
}

/** What the groups of one generation offer to holders on their own sessions: kept while it is in some showing. */
export class OwnLists {
  private readonly held = new Map<GroupHolder, Held>();

  /** @param latest what was known last of each holder, in whatever generation */
  constructor(
    private readonly tools: GroupListsTools,
    private readonly latest: WeakMap<GroupHolder, GroupLists>,
  ) {}

  /** The lists of a holder, for one more showing. */
  hold(group: Group, holder: GroupHolder): GroupLists {
    let held = this.held.get(holder);
    if (!held) {
      held = { lists: new GroupLists({ group, holder }, this.tools, this.latest.get(holder)), users: 0 };
      this.held.set(holder, held);
      this.latest.set(holder, held.lists);
    }
    held.users++;
    return held.lists;
  }

  /** One showing less. */
  release(holder: GroupHolder): void {
    const held = this.held.get(holder);
    if (!held || --held.users > 0) return;
    held.lists.close();
    this.held.delete(holder);
    if (this.latest.get(holder) === held.lists) this.latest.delete(holder);
  }

  /** Stops listening for changes. */
  close(): void {
    for (const { lists } of this.held.values()) lists.close();
    this.held.clear();
  }
}
