import { displayText } from '../core/display-text.js';
import type { GroupView, ServerView } from '../core/views.js';
import { ApiProperty } from './description.js';

const STATES = ['connecting', 'up', 'down', 'draining'] as const;
const ERAS = ['legacy', 'modern'] as const;
const BREAKERS = ['closed', 'open', 'half_open'] as const;

/** How one of several workers sees a server: each has its own connections to it. */
export class WorkerServerStatus {
  @ApiProperty({ type: 'integer', description: 'Number of the worker.' })
  readonly worker!: number;

  @ApiProperty({ enum: STATES, description: 'Requests go only to servers that are up.' })
  readonly state!: (typeof STATES)[number];

  @ApiProperty({ description: 'Seconds it has been in this state.' })
  readonly state_seconds!: number;

  @ApiProperty({ type: String, nullable: true, description: 'Why it is down; null in any other state.' })
  readonly reason!: string | null;

  @ApiProperty({ enum: BREAKERS, description: 'An open breaker keeps requests away from it for a while.' })
  readonly breaker!: (typeof BREAKERS)[number];

  @ApiProperty({ type: 'integer', description: 'Requests sent and not yet answered.' })
  readonly pending!: number;
}

/** One upstream server as it is now. Where several workers serve, its state is that of the worker that it serves worst, and what is counted is summed up. */
export class ServerStatus {
  @ApiProperty({ description: 'Unique within its group.' })
  readonly id!: string;

  @ApiProperty({ description: 'Name of its group.' })
  readonly group!: string;

  @ApiProperty({ description: 'How it is reached.', example: 'streamable_http' })
  readonly transport!: string;

  @ApiProperty({ description: 'Where it is, without credentials, query or arguments.' })
  readonly address!: string;

  @ApiProperty({ description: 'Its share of the traffic, relative to the others of its group.' })
  readonly weight!: number;

  @ApiProperty({ enum: STATES, description: 'Requests go only to servers that are up.' })
  readonly state!: (typeof STATES)[number];

  @ApiProperty({ description: 'Seconds it has been in this state.' })
  readonly state_seconds!: number;

  @ApiProperty({ type: String, nullable: true, description: 'Why it is down; null in any other state.' })
  readonly reason!: string | null;

  @ApiProperty({ enum: BREAKERS, description: 'An open breaker keeps requests away from it for a while.' })
  readonly breaker!: (typeof BREAKERS)[number];

  @ApiProperty({ type: Number, nullable: true, description: 'Seconds until an open breaker lets a trial through.' })
  readonly breaker_retry_seconds!: number | null;

  @ApiProperty({
    enum: ERAS,
    nullable: true,
    description:
      'Family of its revision: legacy (handshake, sessions) or modern (stateless); null before it was reached.',
  })
  readonly era!: (typeof ERAS)[number] | null;

  @ApiProperty({ type: String, nullable: true, description: 'MCP revision agreed with it; null before that.' })
  readonly revision!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'What it calls itself: name and version.' })
  readonly implementation!: string | null;

  @ApiProperty({ type: 'integer', description: 'Requests sent and not yet answered.' })
  readonly pending!: number;

  @ApiProperty({
    type: 'integer',
    description:
      'Sessions with it that single clients or principals have for themselves, beside the one that all others share.',
  })
  readonly sessions!: number;

  @ApiProperty({ type: 'integer', description: 'Requests sent so far.' })
  readonly requests!: number;

  @ApiProperty({ type: 'integer', description: 'Those of them that failed by its fault.' })
  readonly failures!: number;

  @ApiProperty({ type: 'integer', description: 'Times it was reached again after it had been lost.' })
  readonly reconnects!: number;

  @ApiProperty({
    type: [WorkerServerStatus],
    required: false,
    description: 'Where several workers serve: as each of them sees it.',
  })
  readonly workers?: WorkerServerStatus[];
}

/** A group and its servers, in the order of the configuration. */
export class GroupStatus {
  @ApiProperty({ description: '`[upstream.groups.NAME]`' })
  readonly name!: string;

  @ApiProperty({ description: 'Where the group alone is found.', example: '/mcp/crm' })
  readonly path!: string;

  @ApiProperty({ description: 'Stands before its names on /mcp; empty for none.' })
  readonly prefix!: string;

  @ApiProperty({ description: 'How one of its servers is picked.', example: 'round_robin' })
  readonly strategy!: string;

  @ApiProperty({ type: 'integer', description: 'Servers that are up.' })
  readonly servers_up!: number;

  @ApiProperty({ type: [ServerStatus], description: 'Its servers.' })
  readonly servers!: ServerStatus[];
}

export class UpstreamList {
  @ApiProperty({ type: [GroupStatus], description: 'Every group, in the order of the configuration.' })
  readonly groups!: GroupStatus[];
}

/** @param now monotonic milliseconds, as the states have them */
export function toGroupStatus({ name, path, prefix, strategy, servers }: GroupView, now: number): GroupStatus {
  return {
    name,
    path,
    prefix,
    strategy,
    servers_up: servers.filter(({ state }) => state.kind === 'up').length,
    servers: servers.map((server) => toServerStatus(server, now)),
  };
}

/** @param now monotonic milliseconds, as the states have them */
export function toServerStatus({ peer, state, breaker, ...server }: ServerView, now: number): ServerStatus {
  return {
    id: server.id,
    group: server.group,
    transport: server.transport,
    address: server.address,
    weight: server.weight,
    state: state.kind,
    state_seconds: seconds(now - state.since),
    reason: state.kind === 'down' ? displayText(state.reason, 256) : null,
    breaker: breaker.kind,
    breaker_retry_seconds: breaker.kind === 'open' ? seconds(breaker.until - now) : null,
    era: peer?.era ?? null,
    revision: peer ? displayText(peer.revision) : null,
    implementation: peer ? displayText(`${peer.info.name} ${peer.info.version}`) : null,
    pending: server.pending,
    sessions: server.sessions,
    requests: server.requests,
    failures: server.failures,
    reconnects: server.reconnects,
  };
}

/** With tenths, never less than nothing. */
function seconds(ms: number): number {
  return Math.max(0, Math.round(ms / 100) / 10);
}
