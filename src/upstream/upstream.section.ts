import { IsIn, IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';

import { Doc, IsDuration, Nested, NestedList, NestedMap, Section, StringMap } from '../config/index.js';
import type { DriftAction } from '../core/events.js';
import { CircuitBreakerConfig } from './breaker/circuit-breaker.config.js';
import { ServerAuthConfig } from './credentials/auth.config.js';
import { ServerTlsConfig } from './credentials/tls.config.js';
import { CONFIGURED_ERAS, type ConfiguredEra } from './configured-era.js';
import { DRIFT_ACTIONS, ISOLATIONS, type Isolation } from './group.js';
import { HTTP_TRANSPORTS, type HttpTransport } from './http-transport.js';
import { HealthCheckConfig } from './probes/health-check.config.js';

/** `[[upstream.groups.NAME.servers]]` */
export class ServerConfig {
  @Doc(
    'Name of the server within its group, for logs, metrics and the admin API. Left out: NAME-1, NAME-2, … in the order of the file.',
  )
  @IsOptional()
  @IsString()
  @Matches(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
    message: 'an id is 1 to 64 letters, digits, dots, dashes and underscores',
  })
  readonly id: string | undefined = undefined;

  @Doc(
    'Where the server listens: http:// or https://, ws:// or wss://, or unix:///path/to.sock. Either this or `command`.',
  )
  @IsOptional()
  @IsString()
  readonly url: string | undefined = undefined;

  @Doc(
    'How an http server is spoken to: streamable_http, sse (HTTP+SSE of 2024-11-05), or auto, which begins with the former and falls back to the latter where the server refuses it.',
  )
  @IsIn(HTTP_TRANSPORTS)
  readonly transport: HttpTransport = 'auto';

  @Doc(
    'Which revisions the server is spoken to in: modern (2026-07-28), legacy (those before, with `initialize`), or auto, which asks the server first (`server/discover`) and falls back to legacy. A command that does not answer that, or ends because of it, is started a second time: say legacy to spare it that.',
  )
  @IsIn(CONFIGURED_ERAS)
  readonly era: ConfiguredEra = 'auto';

  @Doc(
    'Program to start as a child process that speaks MCP over stdin and stdout. No shell is involved. Either this or `url`.',
  )
  @IsOptional()
  @IsString()
  readonly command: string | undefined = undefined;

  @Doc('Arguments of the program.')
  @IsString({ each: true })
  readonly args: readonly string[] = [];

  @Doc(
    'Environment of the program, beside PATH, HOME, LANG and TZ. Nothing else of the gateway’s own environment reaches it.',
  )
  @StringMap()
  readonly env: Readonly<Record<string, string>> = {};

  @Doc('Directory the program is started in. Left out: that of the gateway.')
  @IsOptional()
  @IsString()
  readonly cwd: string | undefined = undefined;

  @Doc('HTTP headers sent to the server with everything. For http and ws only; for credentials rather use `auth`.')
  @StringMap()
  readonly headers: Readonly<Record<string, string>> = {};

  @Doc('Names of headers that clients may hand on to the server, with each request. For http only.')
  @IsString({ each: true })
  readonly forwardHeaders: readonly string[] = [];

  @Doc('How the gateway shows the server who it is, or who asks. For http and ws only; one of the ways.')
  @Nested(() => ServerAuthConfig)
  readonly auth: ServerAuthConfig = new ServerAuthConfig();

  @Doc('How a server over https or wss is spoken to. Its certificate is always verified.')
  @Nested(() => ServerTlsConfig)
  readonly tls: ServerTlsConfig = new ServerTlsConfig();

  @Doc(
    'Share of the requests, compared with the other servers of the group. 0 keeps the server connected and sends it nothing.',
  )
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  readonly weight: number = 100;
}

/** `[upstream.groups.NAME]` */
export class GroupConfig {
  @Doc('How one of the servers is picked for a request: round_robin, weighted_round_robin, least_connections, ip_hash.')
  @IsString()
  readonly strategy: string = 'round_robin';

  @Doc(
    'Put before the names of the group’s tools and prompts on the aggregated route, with two underscores; empty for none. Left out: the name of the group, and none for the group `default`.',
  )
  @IsOptional()
  @IsString()
  @Matches(/^([a-z][a-z0-9-]{0,31})?$/, {
    message: 'a prefix is a lower-case letter and up to 31 of a-z, 0-9, - (or empty)',
  })
  readonly prefix: string | undefined = undefined;

  @Doc(
    'Who shares an upstream session: shared (everybody), principal (all sessions of one principal with the same capabilities), session (nobody), or auto: a client that declares sampling, elicitation or roots, and every client of a server that hands out session ids, has one of its own; all others share.',
  )
  @IsIn(ISOLATIONS)
  readonly isolation: Isolation = 'auto';

  @Doc(
    'What becomes of tools of the group that are not described as they were approved in `mcp.lock` ([security.pinning]): log (they are shown, and reported), hide (nobody sees or calls them), keep (those that changed are shown as they were approved, new ones are hidden).',
  )
  @IsIn(DRIFT_ACTIONS)
  readonly onDrift: DriftAction = 'log';

  @Doc('The servers of the group: replicas of one MCP server.')
  @NestedList(() => ServerConfig)
  readonly servers: readonly ServerConfig[] = [];
}

/** `[upstream.reconnect]` */
export class ReconnectConfig {
  @Doc(
    'Longest wait before the first try to reach a lost server again. Doubles with every try; the wait itself is random.',
  )
  @IsDuration({ min: 10 })
  readonly min: number = 250;

  @Doc('Longest wait before any try.')
  @IsDuration({ min: 10 })
  readonly max: number = 30_000;
}

/** `[upstream.connection_pool]` */
export class ConnectionPoolConfig {
  @Doc('HTTP connections to one server at most. A reply that streams holds its connection until it is done.')
  @IsInt()
  @Min(1)
  @Max(65_535)
  readonly maxConnectionsPerHost: number = 128;

  @Doc(
    'How many of them are kept while nobody needs them. Those beyond it that were not needed for a second are closed; the rest as soon as the server would, or after 4 seconds.',
  )
  @IsInt()
  @Min(0)
  @Max(65_535)
  readonly maxIdlePerHost: number = 32;

  @Doc(
    'Streams on which one server speaks by itself, at most, beside those connections: one for each upstream session. A session beyond them has none until another ends.',
  )
  @IsInt()
  @Min(1)
  @Max(65_535)
  readonly maxStreamsPerHost: number = 1_024;
}

/** The MCP servers behind the gateway and how they are reached. */
@Section('upstream')
export class UpstreamSection {
  @Doc('How long it may take to connect to a server.')
  @IsDuration({ min: 1 })
  readonly connectTimeout: number = 5_000;

  @Doc('How long a connected server may take to introduce itself.')
  @IsDuration({ min: 1 })
  readonly initializeTimeout: number = 10_000;

  @Doc('Longest message taken from a server, in bytes.')
  @IsInt()
  @Min(1_024)
  @Max(1_073_741_824)
  readonly maxMessageBytes: number = 16 * 1_024 * 1_024;

  @Doc('Requests sent to one server and not yet answered, at most.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly maxInFlight: number = 1_024;

  @Doc('How long a client’s own session with a server may be idle before it is closed. The next request opens another.')
  @IsDuration({ min: 1_000 })
  readonly sessionIdleTimeout: number = 1_800_000;

  @Doc(
    'Own sessions of clients with one server, at most. Beyond that the longest idle one makes room; when all are busy, requests are refused.',
  )
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly maxSessions: number = 1_024;

  @Doc(
    'Child processes of all servers together, at most. One for each server is always allowed; those of single clients make room, the longest idle first, or are refused when all are busy.',
  )
  @IsInt()
  @Min(1)
  @Max(65_535)
  readonly maxChildren: number = 64;

  @Doc('How a lost server is tried again.')
  @Nested(() => ReconnectConfig)
  readonly reconnect: ReconnectConfig = new ReconnectConfig();

  @Doc('Active checks of the servers.')
  @Nested(() => HealthCheckConfig)
  readonly healthCheck: HealthCheckConfig = new HealthCheckConfig();

  @Doc('When a failing server is left alone.')
  @Nested(() => CircuitBreakerConfig)
  readonly circuitBreaker: CircuitBreakerConfig = new CircuitBreakerConfig();

  @Doc('Connections to servers over HTTP.')
  @Nested(() => ConnectionPoolConfig)
  readonly connectionPool: ConnectionPoolConfig = new ConnectionPoolConfig();

  @Doc(
    'Groups of servers by name; the servers of a group are replicas of one MCP server. A name is a lower-case letter and up to 31 of a-z, 0-9, -.',
  )
  @NestedMap(() => GroupConfig, { names: /^[a-z][a-z0-9-]{0,31}$/ })
  readonly groups: Readonly<Record<string, GroupConfig>> = {};
}
