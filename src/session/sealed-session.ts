import { randomBytes } from 'node:crypto';

import { isObject, type JsonObject, type JsonValue } from '../core/json.js';
import type { Peer } from '../core/peer.js';
import type { Principal } from '../core/principal.js';
import { Session } from './session.js';

/** Bound the length of a session id to 2 KiB: headers are 16 KiB in all. As JSON. */
const MAX_CAPABILITIES_BYTES = 768;
const MAX_INFO_BYTES = 192;
/** What MCP itself defines, with members. */
const DEFINED: Readonly<Record<string, readonly string[]>> = {
  roots: ['listChanged'],
  sampling: ['context', 'tools'],
  elicitation: ['form', 'url'],
  tasks: ['list', 'cancel'],
};

/** A session over HTTP. Its peer is known from the start, and its id travels as a sealed value. */
export class SealedSession extends Session {
  /** Monotonic milliseconds of the last sign of life. */
  seenAt = 0;
  /** Id of the worker where it is at home. Undefined: here. */
  home: string | undefined;
  /** Whether all that it asks for is served where it is at home. */
  isBound = false;
  declare peer: Peer;

  readonly createdAt: number;
  /** Milliseconds since 1970 after which it is over, whatever happens. */
  readonly expiresAt: number;

  constructor(
    claims: SessionClaims,
    principal: Principal,
    /** The value of `Mcp-Session-Id`. A secret. */
    readonly token: string,
  ) {
    super(claims.sid, principal, claims.route);
    this.peer = peerOf(claims);
    this.createdAt = claims.createdAt;
    this.expiresAt = claims.expiresAt;
  }

  /** Whether nothing was heard and nothing is going on since then (monotonic milliseconds). */
  idleSince(time: number): boolean {
    return this.seenAt <= time && this.inFlight.size === 0 && this.inputs.size === 0 && this.streams === 0;
  }
}

/** What is inside a sealed session id: enough for any process that has the key to serve the session. */
export interface SessionClaims {
  readonly sid: string;
  /** Name of the route where it began. */
  readonly route: string;
  readonly revision: string;
  readonly capabilities: JsonObject;
  readonly name: string;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Id of the worker where it began, where there are several. */
  readonly home?: string;
}

export function claimsOf(peer: Peer, route: string, createdAt: number, expiresAt: number): SessionClaims {
  return {
    sid: randomBytes(16).toString('base64url'),
    route,
    revision: peer.revision,
    capabilities: bounded(peer.capabilities),
    name: shortened(peer.info.name),
    version: shortened(peer.info.version),
    createdAt,
    expiresAt,
  };
}

function peerOf({ revision, capabilities, name, version }: SessionClaims): Peer {
  return { era: 'legacy', revision, capabilities, info: { name, version } };
}

/** Capabilities that MCP defines always find room, if need be without their details; whatever else a client says must be short. */
function bounded(capabilities: JsonObject): JsonObject {
  if (jsonBytes(capabilities) <= MAX_CAPABILITIES_BYTES) return capabilities;
  const declared = Object.keys(DEFINED).filter((name) => isObject(capabilities[name]));
  return Object.fromEntries(declared.map((name) => [name, inOutline(name, capabilities[name] as JsonObject)]));
}

function inOutline(name: string, capability: JsonObject): JsonObject {
  const members = (DEFINED[name] ?? []).filter((member) => capability[member] !== undefined);
  return Object.fromEntries(members.map((member) => [member, capability[member] === true || {}]));
}

/** A text whose end is left off where it is too long. */
function shortened(text: string): string {
  if (text.length <= MAX_INFO_BYTES && jsonBytes(text) <= MAX_INFO_BYTES) return text;
  // No character is longer in JSON than an escaped one.
  return text.slice(0, MAX_INFO_BYTES / '\\u0000'.length).toWellFormed();
}

function jsonBytes(value: JsonValue): number {
  return Buffer.byteLength(JSON.stringify(value));
}
