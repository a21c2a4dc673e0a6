import type { Era } from '../../core/peer.js';

/** One dated version of MCP. What it lacks is missing from its tables. */
export interface Revision {
  /** As it stands on the wire: `2025-11-25`. */
  readonly date: string;
  readonly era: Era;
  /** Requests that a client may send. */
  readonly clientMethods: ReadonlySet<string>;
  /** Requests that a server may send. */
  readonly serverMethods: ReadonlySet<string>;
  /** Capabilities that a server can declare. A method whose capability is not among them needs none. */
  readonly serverCapabilities: ReadonlySet<string>;
  /** Capabilities of a client that can be relayed; after a dot, members of them. */
  readonly clientCapabilities: ReadonlySet<string>;
  /** Whether one frame may hold an array of messages. */
  readonly batches: boolean;
  /** Whether events of an HTTP stream have ids, with which a client can come back for what it missed. */
  readonly eventIds: boolean;
  /** Whether clients take an event without data, which only hands out an id. */
  readonly primedStreams: boolean;
  /** Whether every HTTP message after the handshake names the revision (`MCP-Protocol-Version`). */
  readonly versionHeader: boolean;
}
