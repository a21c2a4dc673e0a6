import type { Target } from '../core/exchange.js';
import type { Limit } from './limit.js';
import type { ToolLimit, ToolLimits } from './tool-limits.js';

/** How many lists with limits of tools are kept for one client and route. */
const MAX_TOOL_LISTS = 64;

/** One more under one key of one limit. */
export interface Count {
  readonly limit: Limit;
  readonly key: string;
}

/** The limits that one client shares with others, or has like all others. */
export interface CommonLimits {
  readonly client: Limit;
  readonly global: Count | undefined;
  readonly routes: ReadonlyMap<string, Limit>;
  readonly tools: ToolLimits;
}

/** What the requests of one client to one route count for. */
interface RouteCounts {
  readonly narrow: readonly Count[];
  /** What counts for a request that calls no tool, or one without limits. */
  readonly plain: readonly Count[];
  readonly byTool: Map<readonly ToolLimit[], readonly Count[]>;
}

/** What the requests of one client count for. Keys and lists are put together once, and not for each request. */
export class ClientCounts {
  /** What counts for every request, wherever it goes. */
  readonly own: Count;
  private readonly elsewhere: RouteCounts;
  private readonly byRoute = new Map<string, RouteCounts>();

  /** @param client what it is counted under */
  constructor(
    private readonly client: string,
    private readonly limits: CommonLimits,
  ) {
    this.own = { limit: limits.client, key: `rate:client:${client}` };
    this.elsewhere = this.listed([this.own]);
  }

  /**
   * Everything that one request counts for, narrowest first: who is held up by a limit of its own takes nothing of
   * what it shares with others.
   *
   * @param tool that is called, where it is a call of one
   */
  counts(routeName: string, tool: Target | undefined): readonly Count[] {
    const on = this.on(routeName);
    const limits = tool && this.limits.tools.of(tool);
    if (!limits || limits.length === 0) return on.plain;
    return on.byTool.get(limits) ?? this.withTool(on, limits);
  }

  private on(routeName: string): RouteCounts {
    const limit = this.limits.routes.get(routeName);
    if (!limit) return this.elsewhere;
    const known = this.byRoute.get(routeName);
    if (known) return known;
    const made = this.listed([this.own, { limit, key: `rate:route:${routeName}:${this.client}` }]);
    this.byRoute.set(routeName, made);
    return made;
  }

  /** Those that each client has for itself come before those that all share. */
  private withTool({ narrow, byTool }: RouteCounts, limits: readonly ToolLimit[]): readonly Count[] {
    const own = limits.filter(({ perClient }) => perClient);
    const shared = limits.filter(({ perClient }) => !perClient);
    const counts = this.ended([
      ...narrow,
      ...own.map(({ limit, key }) => ({ limit, key: `rate:tool:${key}:${this.client}` })),
      ...shared.map(({ limit, key }) => ({ limit, key: `rate:tool:${key}` })),
    ]);
    if (byTool.size >= MAX_TOOL_LISTS) byTool.clear();
    byTool.set(limits, counts);
    return counts;
  }

  private listed(narrow: readonly Count[]): RouteCounts {
    return { narrow, plain: this.ended(narrow), byTool: new Map() };
  }

  private ended(counts: readonly Count[]): readonly Count[] {
    return this.limits.global ? [...counts, this.limits.global] : counts;
  }
}
