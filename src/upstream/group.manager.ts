import { Inject, Injectable, Logger } from '@nestjs/common';

import { BalancingStrategy } from '../balancer/index.js';
import { CLOCK, type Clock } from '../core/clock.js';
import { GatewayError } from '../core/errors.js';
import { Events } from '../core/events.js';
import type { Implementation } from '../core/peer.js';
import { Extensions } from '../extension/index.js';
import { Outbound } from '../outbound/index.js';
import { credentialsFor } from './credentials/credentials.factory.js';
import { GroupMember } from './group-member.js';
import type { Group } from './group.js';
import { Children } from './own/children.js';
import { prefixOf } from './prefix.js';
import { ServerGroup } from './server-group.js';
import { ServerPool } from './server-pool.js';
import { serverSettings, type ServerSettings } from './server-settings.js';
import { UpstreamServer } from './server/upstream-server.js';
import type { GroupConfig, UpstreamSection } from './upstream.section.js';
import { transportFor } from './transport-choice.js';
import { UpstreamTransport } from './upstream-transport.js';

/** How long one attempt may take where nobody says. */
const ATTEMPT_MS = 60_000;

interface Plan {
  readonly section: UpstreamSection;
  readonly client: Implementation;
  readonly attemptTimeout: number;
}

/**
 * Makes the groups of each generation. A server whose settings stay the same is the same server in
 * every generation: its connection, its child process and its breaker outlive a reload.
 */
@Injectable()
export class GroupManager {
  private readonly logger = new Logger('upstream');
  private readonly servers: ServerPool;
  private readonly groups = new Map<Group, ServerGroup>();
  private readonly children = new Children();

  constructor(
    private readonly extensions: Extensions,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly events: Events,
    private readonly outbound: Outbound,
  ) {
    this.servers = new ServerPool(events);
  }

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
    this.warnOfChildren(section);
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
    const left: UpstreamServer[] = [];
    for (const group of groups) {
      const known = this.groups.get(group);
      if (!known) continue;
      this.groups.delete(group);
      known.leave();
      left.push(...known.members.map(({ server }) => server));
    }
    await this.servers.release(left, drainMs);
  }

  /** Ends everything, as `retire`. For the end of the process. */
  async closeAll(drainMs: number): Promise<void> {
    await Promise.all([this.retire([...this.groups.keys()], drainMs), this.servers.hurry(drainMs)]);
  }

  /** Says so when no process is left for clients that need one of their own. */
  private warnOfChildren({ groups, maxChildren }: UpstreamSection): void {
    const shared = Object.values(groups).flatMap(({ servers }) =>
      servers.filter(({ command }) => command !== undefined),
    );
    if (shared.length < maxChildren) return;
    this.logger.warn(
      `upstream.max_children is ${maxChildren}, and so many servers are commands: clients that need a process of their own are refused`,
    );
  }

  private async group(name: string, plan: Plan): Promise<Group> {
    const config = plan.section.groups[name];
    if (!config) throw new GatewayError('gateway_fault', 'a group without configuration');
    const tellsCallersApart = config.servers.some(({ auth }) => auth.oauth.grant === 'token_exchange');
    const strategy = await this.extensions.create(BalancingStrategy, config.strategy);
    const group = new ServerGroup({
      name,
      prefix: prefixOf(name, config),
      isolation: tellsCallersApart ? 'principal' : config.isolation,
      tellsCallersApart,
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
        const server = await this.servers.hold(settings, () => this.server(settings));
        members.push(new GroupMember(server, servers[index]?.weight ?? 0));
      }
    } catch (thrown) {
      void this.servers.release(
        members.map(({ server }) => server),
        0,
      );
      throw thrown;
    }
    return members;
  }

  private async server(settings: ServerSettings): Promise<UpstreamServer> {
    const transportName = transportFor(settings, this.extensions);
    if (transportName === undefined) throw new GatewayError('config_invalid', 'a server without a transport');
    const transport = await this.extensions.create(UpstreamTransport, transportName);
    const { clock, events, children } = this;
    const credentials = credentialsFor(settings, this.outbound, clock);
    return new UpstreamServer({ settings, transportName, transport, clock, events, credentials, children });
  }
}
