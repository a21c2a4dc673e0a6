import type { GroupView, TopologyView } from '../core/views.js';
import type { Group } from '../upstream/index.js';
import type { GroupLists } from './catalog/group-lists.js';
import type { McpRoute } from './mcp-route.js';
import type { Route, RouteTable } from './route.js';
import type { OwnLists } from './showing/own-lists.js';
import type { Showings } from './showing/showings.js';
import type { Usage } from './usage.js';

export interface TopologyParts {
  readonly generation: number;
  /** In configured order. */
  readonly members: readonly Group[];
  /** What each of them offers to everybody, as far as it is known; by name of the group. */
  readonly lists: ReadonlyMap<string, GroupLists>;
  readonly ownLists: OwnLists;
  readonly routes: readonly McpRoute[];
  /** Exchanges that began here and have not ended. */
  readonly usage: Usage;
}

/** Everything that is built from one configuration: its groups, and the routes to them. Never changed, only replaced. */
export class Topology implements RouteTable, TopologyView {
  readonly generation: number;
  readonly members: readonly Group[];
  readonly lists: ReadonlyMap<string, GroupLists>;
  readonly usage: Usage;
  private readonly ownLists: OwnLists;
  private readonly routes: ReadonlyMap<string, McpRoute>;

  constructor({ generation, members, lists, ownLists, routes, usage }: TopologyParts) {
    this.generation = generation;
    this.members = members;
    this.lists = lists;
    this.ownLists = ownLists;
    this.usage = usage;
    this.routes = new Map(routes.map((route) => [route.path, route]));
  }

  find(path: string): Route | undefined {
    return this.routes.get(path) ?? (path.endsWith('/') ? this.routes.get(path.slice(0, -1)) : undefined);
  }

  groups(): readonly GroupView[] {
    return this.members.map((group) => group.view());
  }

  /** What each route shows, by name of the route. */
  showings(): ReadonlyMap<string, Showings> {
    return new Map(Array.from(this.routes.values(), ({ name, showings }) => [name, showings]));
  }

  /** Stops listening to its groups. What is under way may still end. */
  close(): void {
    for (const { showings } of this.routes.values()) showings.close();
    this.ownLists.close();
    for (const lists of this.lists.values()) lists.close();
  }
}
