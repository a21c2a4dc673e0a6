import { isObject, type JsonObject, type JsonValue } from '../core/json.js';
import type { Peer } from '../core/peer.js';
import { revisionOf, TASKS_EXTENSION, UI_EXTENSION } from '../protocol/index.js';

/** What nobody honours anything of gets: always the same, so that it costs nothing. */
const NOTHING: JsonObject = Object.freeze({});

const MEMBERS = {
  roots: ['listChanged'],
  sampling: ['context', 'tools'],
  elicitation: ['form', 'url'],
} as const;

type Relayed = keyof typeof MEMBERS;

const EXTENSIONS = [TASKS_EXTENSION, UI_EXTENSION] as const;

const KNOWN = new WeakMap<Peer, JsonObject>();

/**
 * What servers may be told that this client can do: what it declared, as far as its revision knows it and the
 * gateway relays it. Without members when that is nothing. The same object for the same peer; treat it as frozen.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#capability-negotiation
 */
export function honoured(peer: Peer): JsonObject {
  const { roots, sampling, elicitation, extensions } = peer.capabilities;
  if (roots === undefined && sampling === undefined && elicitation === undefined && extensions === undefined) {
    return NOTHING;
  }
  let known = KNOWN.get(peer);
  if (!known) KNOWN.set(peer, (known = honouredOf(peer)));
  return known;
}

/**
 * The same string for the same capabilities, in whichever order they are written: sessions may be shared within
 * one profile only.
 */
export function profileOf(capabilities: JsonObject): string {
  return JSON.stringify(inOrder(capabilities));
}

function honouredOf(peer: Peer): JsonObject {
  const relayed: JsonObject = {};
  for (const name of Object.keys(MEMBERS) as Relayed[]) {
    const declared = peer.capabilities[name];
    if (isObject(declared) && knows(peer, name)) relayed[name] = membersOf(peer, name, declared);
  }
  // Forms are what elicitation is when nothing else is said of it, and all that the revision before knew.
  const { elicitation } = relayed;
  if (isObject(elicitation) && elicitation['url'] === undefined) relayed['elicitation'] = {};
  const extensions = extensionsOf(peer);
  if (extensions) relayed['extensions'] = extensions;
  return Object.keys(relayed).length > 0 ? relayed : NOTHING;
}

/** Those that the gateway relays, with their settings. Undefined for none. */
function extensionsOf(peer: Peer): JsonObject | undefined {
  const { extensions } = peer.capabilities;
  if (!isObject(extensions) || !knows(peer, 'extensions')) return undefined;
  const relayed = EXTENSIONS.filter((extension) => isObject(extensions[extension]));
  return relayed.length > 0
    ? Object.fromEntries(relayed.map((extension) => [extension, extensions[extension]]))
    : undefined;
}

function membersOf(peer: Peer, name: Relayed, declared: JsonObject): JsonObject {
  const members = MEMBERS[name].filter((member) => isGiven(declared[member]) && knows(peer, `${name}.${member}`));
  return Object.fromEntries(members.map((member) => [member, member === 'listChanged' ? true : {}]));
}

function isGiven(value: JsonValue | undefined): boolean {
  return value === true || isObject(value);
}

function knows(peer: Peer, capability: string): boolean {
  return revisionOf(peer.revision)?.clientCapabilities.has(capability) ?? false;
}

function inOrder(value: JsonValue | undefined): JsonValue | undefined {
  if (Array.isArray(value)) return value.map((item) => inOrder(item) ?? null);
  if (!isObject(value)) return value;
  const names = Object.keys(value).toSorted();
  return Object.fromEntries(names.map((name) => [name, inOrder(value[name])]));
}
