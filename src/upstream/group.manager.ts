import { Inject, Injectable } from '@nestjs/common';

import { BalancingStrategy } from '../balancer/index.js';
import { CLOCK, type Clock } from '../core/clock.js';
import { GatewayError } from '../core/errors.js';
import { Events } from '../core/events.js';
import type { Implementation } from '../core/peer.js';
import { Extensions } from '../extension/index.js';
import { GroupMember } from './group-member.js';
import type { Group } from './group.js';
import { ServerGroup } from './server-group.js';
import { identityOf, schemeOf, serverSettings, type ServerSettings } from './server-settings.js';
import { UpstreamServer } from './server.js';
import type { GroupConfig, UpstreamSection } from './upstream.section.js';
import { UpstreamTransport } from './upstream-transport.js';

const DEFAULT_GROUP = 'default';

/** How long one attempt may take where nobody says. */
const ATTEMPT_MS = 60_000;

interface Plan {
  readonly section: UpstreamSection;
  readonly client: Implementation;
  readonly attemptTimeout: number;
}

interface Shared {
  readonly server: UpstreamServer;
  /** How many members of living groups are this server. */
  holders: number;
}

/**
 * Makes the groups of each generation. A server whose settings stay the same is the same server in
 * every generation: its connection, its child process and its breaker outlive a reload.
 */
@Injectable()
export class GroupManager {
  private readonly shared = new Map<string, Shared>();
  private readonly groups = new Map<Group, ServerGroup>();
  private readonly retiring = new Set<Promise<void>>();

  constructor(
    private readonly extensions: Extensions,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly events: Events,
  ) {}

  /**
   * The groups of a configuration, in its order, beside those that are running. Opens nothing; what is
   * not started after all must be retired.
   *
   * @param client how the gateway introduces itself to servers
   * @param attemptTimeout milliseconds that one attempt on one server may take
   * @throws `config_invalid`
   */
  async build(section: UpstreamSection, client: Implementation, attemptTimeout = ATTEMPT_MS): Promise<Group[]> {
    const built: Group[] = [];
    try {
      for (const name of Object.keys(section.groups))
        built.push(await this.group(name, { section, client, attemptTimeout }));
    } catch (thrown) {
      await this.retire(built, 0);
      throw thrown;
    }
    return built;
  }

  /** Connects the servers that are not connected yet. */
  start(groups: readonly Group[]): void {
    for (const group of groups) {
      for (const { server } of this.groups.get(group)?.members ?? []) server.start();
    }
  }

  /**
   * Ends groups that no new exchange uses. Servers that no other group holds finish what is in flight,
   * for so many milliseconds at most, and are closed. Resolves when they are.
   */
  async retire(groups: readonly Group[], drainMs: number): Promise<void> {
    const idle: UpstreamServer[] = [];
    for (const group of groups) {
      const known = this.groups.get(group);
      if (!known) continue;
      this.groups.delete(group);
      known.leave();
      for (const { server } of known.members) if (this.release(server)) idle.push(server);
    }
    const retired = Promise.all(idle.map((server) => server.retire(drainMs))).then(() => undefined);
    this.retiring.add(retired);
    await retired;
    this.retiring.delete(retired);
  }

  /** Ends everything, as `retire`. For the end of the process. */
  async closeAll(drainMs: number): Promise<void> {
    await Promise.all([this.retire([...this.groups.keys()], drainMs), ...this.retiring]);
  }

  private async group(name: string, plan: Plan): Promise<Group> {
    const config = plan.section.groups[name];
    if (!config) throw new GatewayError('gateway_fault', 'a group without configuration');
    const strategy = await this.extensions.create(BalancingStrategy, config.strategy);
    const group = new ServerGroup({
      name,
      prefix: config.prefix ?? (name === DEFAULT_GROUP ? '' : name),
      strategyName: config.strategy,
      strategy,
      members: await this.members(name, config, plan),
      attemptTimeout: plan.attemptTimeout,
      clock: this.clock,
      events: this.events,
    });
    this.groups.set(group, group);
    return group;
  }

  private async members(name: string, { servers }: GroupConfig, { section, client }: Plan): Promise<GroupMember[]> {
    const members: GroupMember[] = [];
    try {
      for (const [index, settings] of serverSettings(section, name, client).entries()) {
        members.push(new GroupMember(await this.hold(settings), servers[index]?.weight ?? 0));
      }
    } catch (thrown) {
      for (const { server } of members) this.release(server);
      throw thrown;
    }
    return members;
  }

  private async hold(settings: ServerSettings): Promise<UpstreamServer> {
    const identity = identityOf(settings);
    const shared = this.shared.get(identity) ?? (await this.share(identity, settings));
    shared.holders++;
    return shared.server;
  }

  private async share(identity: string, settings: ServerSettings): Promise<Shared> {
    const transportName = this.transportFor(settings);
    const transport = await this.extensions.create(UpstreamTransport, transportName);
    const { clock, events } = this;
    const server = new UpstreamServer({ settings, transportName, transport, clock, events });
    const shared: Shared = { server, holders: 0 };
    this.shared.set(identity, shared);
    return shared;
  }

  /** True when nobody holds the server any more. */
  private release(server: UpstreamServer): boolean {
    for (const [identity, shared] of this.shared) {
      if (shared.server !== server) continue;
      if (--shared.holders > 0) return false;
      this.shared.delete(identity);
      return true;
    }
    return false;
  }

  private transportFor(settings: ServerSettings): string {
    const scheme = schemeOf(settings) ?? '';
    const name = this.extensions
      .names(UpstreamTransport)
      .find((each) => this.extensions.traits(UpstreamTransport, each).schemes.includes(scheme));
    if (name === undefined) throw new GatewayError('config_invalid', `no transport for "${scheme}"`);
    return name;
  }
}
