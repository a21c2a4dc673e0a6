import type { Implementation } from '../core/peer.js';
import type { ConfiguredEra } from './configured-era.js';
import { usesOAuth } from './credentials/auth.config.js';
import { type OAuthSettings, oauthSettings } from './credentials/oauth-settings.js';
import { staticHeaders } from './credentials/static-headers.js';
import { readTls, type TlsSettings } from './credentials/tls-settings.js';
import type { HttpTransport } from './http-transport.js';
import type { ServerConfig, UpstreamSection } from './upstream.section.js';
import type { BreakerSettings } from './breaker/breaker.js';
import type { ProbeSettings } from './probes/prober.js';

/**
 * Everything that makes one server what it is; durations in milliseconds. Two generations whose
 * settings are equal share the running server. The weight is not part of it: it belongs to the group.
 */
export interface ServerSettings {
  readonly group: string;
  readonly id: string;
  readonly url: string | undefined;
  readonly transport: HttpTransport;
  /** The family of revisions that it is spoken to in, or `auto` where that is to be found out. */
  readonly era: ConfiguredEra;
  readonly command: string | undefined;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  /** What everything is sent with, credentials that never change among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names, in small letters, of what clients may hand on. */
  readonly forwardHeaders: readonly string[];
  /** Where credentials come from that do change. */
  readonly oauth: OAuthSettings | undefined;
  /** With what stands in the files: other contents are another server. */
  readonly tlsOptions: TlsSettings | undefined;
  /** How the gateway introduces itself. */
  readonly client: Implementation;
  readonly connectTimeout: number;
  readonly initializeTimeout: number;
  readonly maxMessageBytes: number;
  readonly maxInFlight: number;
  readonly maxConnections: number;
  /** How many of them are kept while nobody needs them. */
  readonly maxIdle: number;
  readonly maxStreams: number;
  /** How many own sessions it may have. */
  readonly maxSessions: number;
  /** How long an own session may be idle. */
  readonly sessionIdleTimeout: number;
  /** How many child processes all servers may have together. 0 where the server is none. */
  readonly maxChildren: number;
  readonly reconnect: { readonly min: number; readonly max: number };
  readonly healthCheck: ProbeSettings;
  readonly circuitBreaker: BreakerSettings;
}

/** The settings of every server of a group, in the order of the file. @throws Error when a certificate cannot be read */
export function serverSettings(section: UpstreamSection, group: string, client: Implementation): ServerSettings[] {
  const { connectTimeout, initializeTimeout, maxMessageBytes, maxInFlight, connectionPool } = section;
  const { maxSessions, sessionIdleTimeout } = section;
  return (section.groups[group]?.servers ?? []).map((server, index) => ({
    group,
    id: idOf(server, group, index),
    url: server.url,
    transport: server.transport,
    era: server.era,
    command: server.command,
    args: server.args,
    env: server.env,
    cwd: server.cwd,
    headers: { ...server.headers, ...staticHeaders(server.auth) },
    forwardHeaders: server.forwardHeaders.map((name) => name.toLowerCase()),
    oauth: usesOAuth(server.auth.oauth) ? oauthSettings(server.auth.oauth) : undefined,
    tlsOptions: readTls(server.tls),
    client: { name: client.name, version: client.version },
    connectTimeout,
    initializeTimeout,
    maxMessageBytes,
    maxInFlight,
    maxConnections: connectionPool.maxConnectionsPerHost,
    maxIdle: connectionPool.maxIdlePerHost,
    maxSessions,
    sessionIdleTimeout,
    maxChildren: server.command === undefined ? 0 : section.maxChildren,
    maxStreams: connectionPool.maxStreamsPerHost,
    reconnect: section.reconnect,
    healthCheck: section.healthCheck,
    circuitBreaker: section.circuitBreaker,
  }));
}

/** The id of a server as configured, else its group and its place in it. */
export function idOf(server: ServerConfig, group: string, index: number): string {
  return server.id ?? `${group}-${index + 1}`;
}

/** The same string for the same settings, however their keys are ordered. */
export function identityOf(settings: ServerSettings): string {
  return canonical(settings);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
}

/** Where a server is, fit to be shown: without credentials, query or arguments. */
export function addressOf({ url, command }: Pick<ServerSettings, 'url' | 'command'>): string {
  if (url === undefined) return command ?? '';
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/** The scheme by which a transport is found: that of the URL, `stdio` for a command. Undefined for no URL at all. */
export function schemeOf({ url, command }: Pick<ServerSettings, 'url' | 'command'>): string | undefined {
  if (url === undefined) return command === undefined ? undefined : 'stdio';
  return URL.canParse(url) ? new URL(url).protocol.slice(0, -1) : undefined;
}

/** Whether each caller is shown to the server with a token of its own. */
export function tellsCallersApart({ oauth }: Pick<ServerSettings, 'oauth'>): boolean {
  return oauth?.grant === 'token_exchange';
}
