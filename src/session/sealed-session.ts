import { randomBytes } from 'node:crypto';

import type { JsonObject } from '../core/json.js';
import type { Peer } from '../core/peer.js';
import type { Principal } from '../core/principal.js';
import { Session } from './session.js';

/** Bounds the length of a session id: headers are 16 KiB in all. */
const MAX_CAPABILITIES_BYTES = 1_024;
const MAX_INFO_LENGTH = 128;

/** A session over HTTP. Its peer is known from the start, and its id travels as a sealed value. */
export class SealedSession extends Session {
  /** Monotonic milliseconds of the last sign of life. */
  seenAt = 0;
  declare peer: Peer;

  /** @param expiresAt milliseconds since 1970 after which it is over, whatever happens */
  constructor(
    id: string,
    principal: Principal,
    /** The value of `Mcp-Session-Id`. A secret. */
    readonly token: string,
    readonly createdAt: number,
    readonly expiresAt: number,
  ) {
    super(id, principal);
  }

  /** Whether nothing was heard and nothing is going on since then (monotonic milliseconds). */
  idleSince(time: number): boolean {
    return this.seenAt <= time && this.inFlight.size === 0 && this.streams === 0;
  }
}

/** What is inside a sealed session id: enough for any process that has the key to serve the session. */
export interface SessionClaims {
  readonly sid: string;
  readonly revision: string;
  readonly capabilities: JsonObject;
  readonly name: string;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

export function claimsOf(peer: Peer, createdAt: number, expiresAt: number): SessionClaims {
  return {
    sid: randomBytes(16).toString('base64url'),
    revision: peer.revision,
    capabilities: bounded(peer.capabilities),
    name: peer.info.name.slice(0, MAX_INFO_LENGTH),
    version: peer.info.version.slice(0, MAX_INFO_LENGTH),
    createdAt,
    expiresAt,
  };
}

export function peerOf({ revision, capabilities, name, version }: SessionClaims): Peer {
  return { era: 'legacy', revision, capabilities, info: { name, version } };
}

/** Capabilities that MCP defines always find room; whatever else a client says must be short. */
function bounded(capabilities: JsonObject): JsonObject {
  if (Buffer.byteLength(JSON.stringify(capabilities)) <= MAX_CAPABILITIES_BYTES) return capabilities;
  const declared = ['roots', 'sampling', 'elicitation', 'tasks'].filter((name) => capabilities[name] !== undefined);
  return Object.fromEntries(declared.map((name) => [name, {}]));
}
