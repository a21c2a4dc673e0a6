import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Subscription } from 'rxjs';

import { ParkingLot } from '../bridge/index.js';
import { ConfigService, TimeoutSection, type ConfigChange, type ConfigSnapshot } from '../config/index.js';
import { PRODUCT, type Product } from '../core/product.js';
import type { GroupView, TopologyView } from '../core/views.js';
import { GroupManager, UpstreamSection } from '../upstream/index.js';
import { GatewaySection } from './gateway.section.js';
import type { Route, RouteTable } from './route.js';
import { checkNames, checkPrefixes } from './topology.check.js';
import { buildTopology, type TopologyPlan } from './topology.builder.js';
import { toldToolsOf, type ToldTools } from './told-tools.js';
import { TopologyToolbox } from './topology.toolbox.js';
import type { Topology } from './topology.js';

/**
 * Holds the topology of the generation in force. A new configuration is built beside it; one assignment
 * swaps them; the old one ends when its last exchange has.
 */
@Injectable()
export class TopologyService implements RouteTable, TopologyView {
  private readonly logger = new Logger('Topology');
  private current: Topology | undefined;
  private changes: Subscription | undefined;
  /** Generations are built one after the other, whatever comes in meanwhile. */
  private building: Promise<void> = Promise.resolve();

  constructor(
    private readonly config: ConfigService,
    private readonly groupManager: GroupManager,
    @Inject(PRODUCT) private readonly product: Product,
    private readonly tools: TopologyToolbox,
    private readonly parking: ParkingLot,
  ) {
    config.addCheck((next) => [...checkNames(next.get(UpstreamSection)), ...checkPrefixes(next.get(UpstreamSection))]);
  }

  /** 0 until it was started. */
  get generation(): number {
    return this.current?.generation ?? 0;
  }

  /** Ask again for every request: an answer is of one generation. */
  find(path: string): Route | undefined {
    return this.current?.find(path);
  }

  groups(): readonly GroupView[] {
    return this.current?.groups() ?? [];
  }

  /**
   * Builds the first generation and begins to connect its servers, for which nobody waits; from then on
   * follows the configuration.
   *
   * @throws `config_invalid`
   */
  async start(): Promise<void> {
    const { snapshot, generation } = this.config;
    this.changes = this.config.changes.subscribe((change) => {
      this.building = this.building.then(() => this.follow(change));
    });
    this.building = this.building.then(() => this.build(snapshot, generation, 0));
    await this.building;
  }

  /**
   * What every group tells of its tools, shown or not. A group that was not reached yet is waited for; one that
   * cannot be asked says why instead.
   */
  toldTools(patienceMs: number): Promise<ToldTools[]> {
    const deadline = this.tools.clock.now() + patienceMs;
    return Promise.all(Array.from(this.current?.lists.values() ?? [], (lists) => toldToolsOf(lists, deadline)));
  }

  /** Ends every server once it has answered what it has, at the latest after so many milliseconds. */
  async close(drainMs: number): Promise<void> {
    this.changes?.unsubscribe();
    await this.building.catch(() => undefined);
    this.parking.close();
    this.tools.subscriptions.close();
    this.current?.close();
    await this.groupManager.closeAll(drainMs);
  }

  private async follow({ previous, next, generation }: ConfigChange): Promise<void> {
    try {
      await this.build(next, generation, previous.get(TimeoutSection).request);
    } catch (thrown) {
      this.logger.error(thrown, `generation ${generation} could not be built; generation ${this.generation} stays`);
    }
  }

  /** @param drainMs how long an exchange of the generation before can still be under way */
  private async build(snapshot: ConfigSnapshot, generation: number, drainMs: number): Promise<void> {
    const { name, version } = this.product;
    const attemptTimeout = snapshot.get(TimeoutSection).upstream;
    const groups = await this.groupManager.build(snapshot.get(UpstreamSection), { name, version }, attemptTimeout);
    const earlier = this.current;
    const section = snapshot.get(GatewaySection);
    this.current = await this.topology({ generation, groups, earlier, ...settingsOf(section) });
    this.groupManager.start(groups);
    this.takeOver(this.current, section);
    this.logger.log(`generation ${generation}: ${groups.map((group) => group.name).join(', ') || 'no groups'}`);
    if (earlier) void this.retire(earlier, drainMs);
  }

  /** Everything that outlives a generation goes on with this one. */
  private takeOver(topology: Topology, section: GatewaySection): void {
    const { levels, holders, announcer, subscriptions, listens } = this.tools;
    levels.carryOver(topology.members);
    holders.adopt(topology.members);
    announcer.follow(topology.showings());
    subscriptions.carryOver(topology.members, {
      perStay: section.maxSubscriptionsPerSession,
      perPrincipal: section.maxSubscriptionsPerPrincipal,
      inAll: section.maxSubscriptions,
    });
    this.parking.limit = section.maxParkedCalls;
    this.parking.limitPerPrincipal = section.maxParkedCallsPerPrincipal;
    const showings = topology.showings();
    subscriptions.revise((route, stay, resource) => showings.get(route)?.mayFollow(stay, resource) ?? false);
    listens.carryOver(showings, {
      max: section.maxListens,
      maxPerPrincipal: section.maxListensPerPrincipal,
      listTtl: section.listTtl,
    });
  }

  private async topology(plan: TopologyPlan): Promise<Topology> {
    try {
      return await buildTopology(plan, this.tools);
    } catch (thrown) {
      await this.groupManager.retire(plan.groups, 0);
      throw thrown;
    }
  }

  private async retire(topology: Topology, drainMs: number): Promise<void> {
    try {
      const { clock } = this.tools;
      const deadline = clock.now() + drainMs;
      await topology.usage.idle(clock, drainMs);
      topology.close();
      // A server stays for what is parked there, which is no exchange of anybody's meanwhile.
      const patience = this.parking.known > 0 ? this.parking.inputTimeout + drainMs : deadline - clock.now();
      await this.groupManager.retire(topology.members, Math.max(0, patience));
    } catch (thrown) {
      this.logger.error(thrown, `generation ${topology.generation} did not end well`);
    }
  }
}

function settingsOf(
  section: GatewaySection,
): Pick<TopologyPlan, 'instructions' | 'pageSize' | 'lists' | 'maxOwnLists'> {
  return {
    instructions: section.instructions,
    pageSize: section.pageSize,
    maxOwnLists: section.listMaxClients,
    lists: {
      ttl: section.listTtl,
      timeout: section.listTimeout,
      firstWait: section.firstListWait,
      mayBePublic: section.publicLists,
      bounds: { pages: section.listMaxPages, items: section.listMaxItems, bytes: section.listMaxBytes },
    },
  };
}
