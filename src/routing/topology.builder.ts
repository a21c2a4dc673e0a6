import { introduceAll, introduceOne } from '../bridge/index.js';
import type { AccessControl } from '../core/access.js';
import type { Events } from '../core/events.js';
import type { ChainBuilder } from '../pipeline/index.js';
import type { Group } from '../upstream/index.js';
import type { Announcer } from './announcer/announcer.js';
import type { Listing } from './catalog/drain.js';
import { GroupLists, type GroupListsTools } from './catalog/group-lists.js';
import type { Interned } from './catalog/interned.js';
import type { ListSettings } from './catalog/list-settings.js';
import type { PinnedListings } from './catalog/pinned-listings.js';
import type { GroupHolder } from './holder/group-holder.js';
import { AGGREGATED, type Holders } from './holder/holders.js';
import { McpRoute, type Introduce } from './mcp-route.js';
import { Router, type RouterTools } from './router.js';
import { OwnLists } from './showing/own-lists.js';
import { ShowingFactory, type ShowingTools } from './showing/showing.factory.js';
import { Showings } from './showing/showings.js';
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
  /** Downstreams that are shown lists of their own, at most on each route. */
  readonly maxOwnLists: number;
  /** The generation before: what its groups told is remembered until they are asked again. */
  readonly earlier: Topology | undefined;
}

/** What every generation is built with, and what outlives each of them. */
export interface TopologyTools extends ShowingTools, RouterTools {
  readonly chains: Pick<ChainBuilder, 'build'>;
  readonly holders: Holders;
  readonly access: AccessControl;
  readonly announcer: Pick<Announcer, 'answered' | 'changed' | 'follow'>;
  readonly events: Pick<Events, 'emit'>;
  readonly listings: Interned<Listing>;
  readonly pinned: PinnedListings;
  /** What was told last on the own sessions of each holder. */
  readonly ownLists: WeakMap<GroupHolder, GroupLists>;
}

/** One route, before it is built. */
interface RouteDraft {
  readonly name: string;
  readonly path: string;
  /** What it shows to everybody, in configured order. */
  readonly lists: readonly GroupLists[];
  readonly introduce: Introduce;
}

/**
 * Builds a generation beside the one that is running. The groups stay the caller's to start and to retire.
 *
 * @throws `config_invalid`
 */
export async function buildTopology(plan: TopologyPlan, tools: TopologyTools): Promise<Topology> {
  const { generation, groups } = plan;
  const { clock, events, listings, pinned, announcer } = tools;
  const onChanged: GroupListsTools['onChanged'] = (lists, kind) => announcer.changed(lists, kind);
  const listTools: GroupListsTools = { settings: plan.lists, clock, events, listings, pinned, onChanged };
  const known = new Map(
    groups.map((group) => [group.name, new GroupLists({ group }, listTools, plan.earlier?.lists.get(group.name))]),
  );
  const ownLists = new OwnLists(listTools, tools.ownLists);
  const usage = new Usage();
  const built: McpRoute[] = [];
  const topology = () => new Topology({ generation, members: groups, lists: known, ownLists, routes: built, usage });
  try {
    for (const draft of draftsOf(plan, known)) built.push(await routeOf(draft, { plan, tools, ownLists, usage }));
    return topology();
  } catch (thrown) {
    topology().close();
    throw thrown;
  }
}

/** All groups on one route, each under its prefix, and each on a route of its own, under its own names. */
function draftsOf({ groups, instructions }: TopologyPlan, known: ReadonlyMap<string, GroupLists>): RouteDraft[] {
  const lists = [...known.values()];
  const introduce: Introduce = (reaches) => introduceAll(groups, instructions, reaches);
  return [
    { name: AGGREGATED, path: ROOT_PATH, lists, introduce },
    ...lists.map((each) => ({
      name: each.group.name,
      path: `${ROOT_PATH}/${each.group.name}`,
      lists: [each],
      introduce: (reaches: (group: string) => boolean) => introduceOne(each.group, reaches),
    })),
  ];
}

interface RouteContext {
  readonly plan: TopologyPlan;
  readonly tools: TopologyTools;
  readonly ownLists: OwnLists;
  readonly usage: Usage;
}

async function routeOf(draft: RouteDraft, { plan, tools, ownLists, usage }: RouteContext): Promise<McpRoute> {
  const { name, path, lists, introduce } = draft;
  const settings = { name, path, prefixed: name === AGGREGATED, pageSize: plan.pageSize, lists: plan.lists };
  const showings = new Showings({
    factory: new ShowingFactory(settings, tools),
    lists,
    ownLists,
    holders: tools.holders,
    access: tools.access,
    maxOwn: plan.maxOwnLists,
    now: () => tools.clock.now(),
  });
  try {
    const chain = await tools.chains.build([], new Router(name, showings, tools));
    return new McpRoute({ name, path, showings, chain, tasks: tools.tasks.ids, introduce, usage });
  } catch (thrown) {
    showings.close();
    throw thrown;
  }
}
