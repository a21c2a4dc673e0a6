import type { GroupView, TopologyView } from '../core/views.js';
import type { Group } from '../upstream/index.js';
import type { GroupLists } from './catalog/group-lists.js';
import type { Route, RouteTable } from './route.js';
import type { Usage } from './usage.js';

/** Everything that is built from one configuration: its groups, and the routes to them. Never changed, only replaced. */
export class Topology implements RouteTable, TopologyView {
  private readonly routes: ReadonlyMap<string, Route>;

  constructor(
    readonly generation: number,
    /** In configured order. */
    readonly members: readonly Group[],
    /** What each of them offers, as far as it is known; by name of the group. */
    readonly lists: ReadonlyMap<string, GroupLists>,
    routes: readonly Route[],
    /** Exchanges that began here and have not ended. */
    readonly usage: Usage,
  ) {
    this.routes = new Map(routes.map((route) => [route.path, route]));
  }

  find(path: string): Route | undefined {
    return this.routes.get(path) ?? (path.endsWith('/') ? this.routes.get(path.slice(0, -1)) : undefined);
  }

  groups(): readonly GroupView[] {
    return this.members.map((group) => group.view());
  }

  /** Stops listening to its groups. What is under way may still end. */
  close(): void {
    for (const lists of this.lists.values()) lists.close();
  }
}
