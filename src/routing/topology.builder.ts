import { introduceAll, introduceOne, type Introduction } from '../bridge/index.js';
import type { Clock } from '../core/clock.js';
import type { Sealer } from '../core/sealed.js';
import type { ChainBuilder } from '../pipeline/index.js';
import type { Group } from '../upstream/index.js';
import { Catalog } from './catalog/catalog.js';
import { OneGroup, type Directory } from './catalog/directory.js';
import { GroupLists } from './catalog/group-lists.js';
import type { CatalogKind } from './catalog/list-kind.js';
import type { ListSettings } from './catalog/list-settings.js';
import { Member } from './catalog/member.js';
import type { LogLevels } from './log-levels.js';
import { McpRoute } from './mcp-route.js';
import { ListCursors } from './merge/list-cursor.js';
import { mergedLists, type MergedLists, type Notice } from './merge/merged-list.js';
import { ResourcePages } from './merge/resource-pages.js';
import { SnapshotPages } from './merge/snapshot-pages.js';
import { Router } from './router.js';
import type { Route } from './route.js';
import { Topology } from './topology.js';
import { Usage } from './usage.js';

/** Where all groups are found together; each of them alone is found one step below. */
const ROOT_PATH = '/mcp';

/** What a generation is built from. */
export interface TopologyPlan {
  readonly generation: number;
  /** In configured order. */
  readonly groups: readonly Group[];
  /** Before what the groups have to say of themselves. */
  readonly instructions: string | undefined;
  readonly pageSize: number;
  readonly lists: ListSettings;
  /** The generation before: what its groups told is remembered until they are asked again. */
  readonly earlier: Topology | undefined;
}

/** What every generation is built with. */
export interface TopologyTools {
  readonly clock: Clock;
  readonly sealer: Sealer;
  readonly chains: Pick<ChainBuilder, 'build'>;
  readonly levels: LogLevels;
  readonly notice: Notice;
}

/** What one route shows, and by which names. */
interface Showing {
  readonly name: string;
  readonly path: string;
  readonly members: readonly Member[];
  readonly merged: MergedLists;
  readonly directory: Directory;
  readonly introduce: () => Introduction;
}

/**
 * Builds a generation beside the one that is running. The groups stay the caller's to start and to retire.
 *
 * @throws `config_invalid`
 */
export async function buildTopology(plan: TopologyPlan, tools: TopologyTools): Promise<Topology> {
  const { generation, groups, earlier } = plan;
  const known = new Map(
    groups.map((group) => {
      const lists = new GroupLists(group, plan.lists, tools.clock, earlier?.lists.get(group.name));
      return [group.name, lists];
    }),
  );
  const usage = new Usage();
  try {
    const showings = [together(plan, known, tools), ...Array.from(known.values(), (lists) => alone(lists, tools))];
    const routes = await Promise.all(showings.map((showing) => routeOf(showing, usage, plan, tools)));
    return new Topology(generation, groups, known, routes, usage);
  } catch (thrown) {
    for (const lists of known.values()) lists.close();
    throw thrown;
  }
}

/** All groups on one route, each under its prefix. */
function together(
  { groups, instructions }: TopologyPlan,
  known: ReadonlyMap<string, GroupLists>,
  { notice }: TopologyTools,
): Showing {
  const members = Array.from(known.values(), (lists) => new Member(lists.group, lists, lists.group.prefix));
  const merged = mergedLists(members, notice);
  const directory = new Catalog(members, merged);
  const introduce = () => introduceAll(groups, instructions);
  return { name: 'mcp', path: ROOT_PATH, members, merged, directory, introduce };
}

/** One group on a route of its own, under its own names. */
function alone(lists: GroupLists, { notice }: TopologyTools): Showing {
  const { group } = lists;
  const members = [new Member(group, lists, '')];
  return {
    name: group.name,
    path: `${ROOT_PATH}/${group.name}`,
    members,
    merged: mergedLists(members, notice),
    directory: new OneGroup(group.name),
    introduce: () => introduceOne(group),
  };
}

async function routeOf(showing: Showing, usage: Usage, plan: TopologyPlan, tools: TopologyTools): Promise<Route> {
  const { name, path, members, merged, directory, introduce } = showing;
  const cursors = (kind: CatalogKind) => new ListCursors(tools.sealer, path, kind);
  const pages = {
    tools: new SnapshotPages(merged.tools, cursors('tools'), plan.pageSize),
    prompts: new SnapshotPages(merged.prompts, cursors('prompts'), plan.pageSize),
    templates: new SnapshotPages(merged.templates, cursors('templates'), plan.pageSize),
    resources: new ResourcePages(members, cursors('resources'), plan.pageSize, plan.lists, tools.clock),
  };
  const chain = await tools.chains.build([], new Router(members, pages, tools.levels));
  return new McpRoute({ name, path, directory, chain, introduce, usage });
}
