import { isObject, type JsonObject } from '../core/json.js';
import type { ServerPeer } from '../core/peer.js';
import { revisionOf } from '../protocol/index.js';
import { extensionsOf } from './extensions.js';
import { offersTasks, TASK_CAPABILITIES, tasksOf, type TaskCapability } from './task-capability.js';

/** What a route offers, merged from its groups. */
export interface Introduction {
  /** In the words of both eras: of its codec a client gets those that it has a word for. */
  readonly capabilities: JsonObject;
  readonly instructions: string | undefined;
  /** Milliseconds for which it may be used again; 0 while it may still turn out otherwise. */
  readonly ttlMs: number;
}

const TTL_MS = 60_000;

const RELAYED = ['logging', 'completions', 'prompts', 'resources', 'tools'] as const;
const SUBSCRIBE = 'resources.subscribe';
const RELAYABLE: ReadonlySet<string> = new Set([...RELAYED, SUBSCRIBE, ...TASK_CAPABILITIES]);

/** A capability of a server that the gateway can relay; after a dot, a member of that capability. */
export type RelayedCapability = (typeof RELAYED)[number] | typeof SUBSCRIBE | TaskCapability;

/** Those whose lists can change: the gateway tells its clients, whether or not the servers do. */
const LISTED: ReadonlySet<RelayedCapability> = new Set(['prompts', 'resources', 'tools']);

export function isRelayed(capability: string | undefined): capability is RelayedCapability {
  return capability !== undefined && RELAYABLE.has(capability);
}

/** A group as an introduction needs it. */
export interface IntroducedGroup {
  readonly name: string;
  /** Before the names of its tools; empty for none. */
  readonly prefix: string;
  /** Undefined while the group was never reached: it then counts as having everything. */
  readonly peer: ServerPeer | undefined;
}

/** Bytes of instructions that are relayed of one group, and in all. Language models read them with every conversation. */
export const MAX_SECTION_BYTES = 2_048;
export const MAX_INSTRUCTIONS_BYTES = 8_192;

/**
 * Whether a server can be asked for what this capability stands for. One that was never reached may turn
 * out to have anything. Where the revision has no word for completion, whoever has something to complete may do it.
 */
export function offers(peer: ServerPeer | undefined, capability: RelayedCapability): boolean {
  if (!peer) return true;
  if (capability === SUBSCRIBE) {
    const { resources } = peer.capabilities;
    return isObject(resources) && resources['subscribe'] === true;
  }
  if (isOfTasks(capability)) return offersTasks(peer, capability);
  const declared = (name: string) => isObject(peer.capabilities[name]);
  if (capability !== 'completions' || revisionOf(peer.revision)?.serverCapabilities.has(capability) !== false) {
    return declared(capability);
  }
  return declared('prompts') || declared('resources');
}

/** How the aggregated route introduces itself: with what any of its groups has, and with what all of them say. */
export function introduceAll(
  groups: readonly IntroducedGroup[],
  preamble: string | undefined,
  maySpeak: MaySpeak = everybody,
): Introduction {
  return { ...factsOf(groups), instructions: instructionsOf(groups, preamble, maySpeak) };
}

/** How the route of one group introduces itself: as the group's server did. */
export function introduceOne(group: IntroducedGroup, maySpeak: MaySpeak = everybody): Introduction {
  return { ...factsOf([group]), instructions: maySpeak(group.name) ? group.peer?.instructions : undefined };
}

/** Whether the instructions of a group are for whoever is introduced to, by the name of the group. */
type MaySpeak = (group: string) => boolean;

function everybody(): boolean {
  return true;
}

function factsOf(groups: readonly IntroducedGroup[]): Pick<Introduction, 'capabilities' | 'ttlMs'> {
  return { capabilities: capabilitiesOf(groups), ttlMs: groups.every(({ peer }) => peer) ? TTL_MS : 0 };
}

/** Only what the gateway relays, with the notifications that it sends itself. */
function capabilitiesOf(groups: readonly IntroducedGroup[]): JsonObject {
  const anyOffers = (capability: RelayedCapability) => groups.some(({ peer }) => offers(peer, capability));
  const peers = groups.map(({ peer }) => peer);
  const tasks = tasksOf(peers);
  const extensions = extensionsOf(peers);
  const offered = Object.fromEntries(
    RELAYED.filter(anyOffers).map((capability): [string, JsonObject] => {
      if (capability === 'resources' && anyOffers(SUBSCRIBE))
        return [capability, { subscribe: true, listChanged: true }];
      return [capability, LISTED.has(capability) ? { listChanged: true } : {}];
    }),
  );
  return { ...offered, ...(tasks && { tasks }), ...(extensions && { extensions }) };
}

function isOfTasks(capability: RelayedCapability): capability is TaskCapability {
  return TASK_CAPABILITIES.some((each) => each === capability);
}

function instructionsOf(
  groups: readonly IntroducedGroup[],
  preamble: string | undefined,
  maySpeak: MaySpeak,
): string | undefined {
  const sections = groups.flatMap(({ name, prefix, peer }) => {
    const text = peer?.instructions?.trim();
    if (!text || !maySpeak(name)) return [];
    const section = shortened(text, MAX_SECTION_BYTES);
    // Where nothing else is shown, and under its own names, a heading would only distract.
    return groups.length === 1 && prefix === '' ? [section] : [`## ${prefix || name}\n\n${section}`];
  });
  const all = [preamble?.trim() ?? '', ...sections].filter((part) => part !== '');
  return all.length > 0 ? shortened(all.join('\n\n'), MAX_INSTRUCTIONS_BYTES) : undefined;
}

/** At most so many bytes of UTF-8, with an ellipsis where something is missing. */
function shortened(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  let end = maxBytes - Buffer.byteLength('…');
  // Not in the middle of a character.
  while (((bytes[end] as number) & 0xc0) === 0x80) end--;
  return `${bytes.toString('utf8', 0, end)}…`;
}
