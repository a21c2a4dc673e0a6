import { isObject, type JsonObject, type JsonValue } from '../core/json.js';
import type { ServerPeer } from '../core/peer.js';
import { TASKS_EXTENSION, UI_EXTENSION } from '../protocol/index.js';

/**
 * What a server says of an extension that it has; undefined where it has not. Before there was a word for extensions,
 * servers with a handshake declared them among what is experimental.
 *
 * @see https://modelcontextprotocol.io/extensions/overview
 */
export function extensionOf({ era, capabilities }: ServerPeer, name: string): JsonObject | undefined {
  const { extensions, experimental } = capabilities;
  const places = era === 'modern' ? [extensions] : [extensions, experimental];
  return places.map((place) => (isObject(place) ? place[name] : undefined)).find((settings) => isObject(settings));
}

/**
 * The extensions of several servers that the gateway relays, each with what all who have it agree on; undefined when
 * none of them has any. Tasks as an extension are those of modern servers. A server that was never reached counts for
 * nothing: clients that know extensions ask again.
 */
export function extensionsOf(peers: readonly (ServerPeer | undefined)[]): JsonObject | undefined {
  const reached = peers.filter((peer) => peer !== undefined);
  const modern = reached.filter(({ era }) => era === 'modern');
  const relayed: [string, JsonObject][] = [...agreed(TASKS_EXTENSION, modern), ...agreed(UI_EXTENSION, reached)];
  return relayed.length > 0 ? Object.fromEntries(relayed) : undefined;
}

function agreed(name: string, peers: readonly ServerPeer[]): [string, JsonObject][] {
  const settings = peers.map((peer) => extensionOf(peer, name)).filter((each) => each !== undefined);
  const [first, ...others] = settings;
  return first ? [[name, others.reduce(common, first)]] : [];
}

/** The members that both have: equal values, what lists have in common, and so on inside. */
function common(one: JsonObject, other: JsonObject): JsonObject {
  const entries = Object.entries(one).map(([name, value]) => [name, commonValue(value, other[name])] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function commonValue(one: JsonValue | undefined, other: JsonValue | undefined): JsonValue | undefined {
  if (isObject(one) && isObject(other)) return common(one, other);
  if (!Array.isArray(one) || !Array.isArray(other)) return isEqual(one, other) ? one : undefined;
  return one.filter((value) => other.some((each) => isEqual(value, each)));
}

function isEqual(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
