import { Inject, Injectable } from '@nestjs/common';

import { TOPOLOGY_VIEW, type GroupView, type TopologyView } from '../core/views.js';

/** Counts of one group. Deliberately nothing that says where its servers are. */
export interface GroupHealth {
  readonly servers: number;
  readonly servers_up: number;
  readonly breakers_open: number;
}

export interface UpstreamHealth {
  /** `up`: every group can serve with all its servers; `down`: no group can serve at all. */
  readonly status: 'up' | 'degraded' | 'down';
  readonly groups: Readonly<Record<string, GroupHealth>>;
}

/** Sums up what the gateway knows of its upstreams already. Asks nobody. */
@Injectable()
export class UpstreamHealthSummary {
  constructor(@Inject(TOPOLOGY_VIEW) private readonly topology: TopologyView) {}

  get(): UpstreamHealth {
    const groups = this.topology.groups();
    const counts = groups.map((group) => [group.name, healthOf(group)] as const);
    return { status: statusOf(counts.map(([, health]) => health)), groups: Object.fromEntries(counts) };
  }
}

function healthOf({ servers }: GroupView): GroupHealth {
  return {
    servers: servers.length,
    servers_up: servers.filter(({ state }) => state.kind === 'up').length,
    breakers_open: servers.filter(({ breaker }) => breaker.kind === 'open').length,
  };
}

function statusOf(groups: readonly GroupHealth[]): UpstreamHealth['status'] {
  const isWhole = groups.every((group) => group.servers_up === group.servers && group.breakers_open === 0);
  if (isWhole) return 'up';
  return groups.some(({ servers_up }) => servers_up > 0) ? 'degraded' : 'down';
}
