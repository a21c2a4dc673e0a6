import type { DownstreamTransport } from './events.js';
import type { Era, ServerPeer } from './peer.js';
import type { BreakerState, ServerState } from './server-state.js';

/** What surfaces may know of the running topology. Owned by routing. */
export interface TopologyView {
  readonly generation: number;
  groups(): readonly GroupView[];
}

export interface GroupView {
  readonly name: string;
  readonly strategy: string;
  /** Put before the names of its tools and prompts on the aggregated route; empty for none. */
  readonly prefix: string;
  /** Where the group alone is found: `/mcp/NAME`. */
  readonly path: string;
  readonly servers: readonly ServerView[];
}

export interface ServerView {
  readonly id: string;
  readonly group: string;
  /** `stdio`, `websocket`, `streamable_http`, … */
  readonly transport: string;
  /** Where it is, without credentials, query or arguments. */
  readonly address: string;
  readonly weight: number;
  readonly state: ServerState;
  readonly breaker: BreakerState;
  readonly peer: ServerPeer | undefined;
  /** Requests sent and not yet answered. */
  readonly pending: number;
  /** Upstream sessions that single holders have for themselves, beside the one that everybody shares. */
  readonly sessions: number;
  readonly requests: number;
  readonly failures: number;
  /** Times the server was reached again after it had been lost. */
  readonly reconnects: number;
}

export const TOPOLOGY_VIEW = Symbol('TopologyView');

/** Who is connected. Owned by downstream. */
export interface ConnectionRegistry {
  list(): readonly ConnectionView[];
  /** Ends one; false when there is none of that id. */
  close(id: string): boolean;
}

export interface ConnectionView {
  readonly id: string;
  readonly transport: DownstreamTransport;
  readonly route: string;
  readonly clientAddress: string;
  /** The family of revisions that was spoken last. Undefined before anything was said. */
  readonly era: Era | undefined;
  readonly revision: string | undefined;
  readonly client: string | undefined;
  readonly principal: string;
  /** Milliseconds since 1970. */
  readonly openedAt: number;
  readonly pending: number;
  readonly requests: number;
}

export const CONNECTION_REGISTRY = Symbol('ConnectionRegistry');

/** Whether the process still takes new work. Bound by the top level. */
export interface Lifecycle {
  readonly draining: boolean;
  /** Whether other workers, which are to be there as well, are still on their way. */
  readonly waitsForOthers?: boolean;
  /** Monotonic milliseconds of the start. */
  readonly startedAt: number;
}

export const LIFECYCLE = Symbol('Lifecycle');
