import type { JsonObject } from './json.js';

/** The family of a revision: `legacy` has a handshake and sessions, `modern` is stateless. The spec's own words. */
export type Era = 'legacy' | 'modern';

/** Whoever is at the other end of a leg. */
export interface Peer {
  readonly era: Era;
  /** The dated version of MCP that was agreed on, such as `2025-11-25`. */
  readonly revision: string;
  /** What the peer declared, as it declared it. */
  readonly capabilities: JsonObject;
  /** `clientInfo` or `serverInfo`: for display and logs only. */
  readonly info: Implementation;
}

export interface Implementation {
  readonly name: string;
  readonly version: string;
}

/** What an upstream server told of itself when it was introduced. */
export interface ServerPeer extends Peer {
  readonly instructions: string | undefined;
}
