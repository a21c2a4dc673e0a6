import { isObject, type JsonObject } from '../core/json.js';
import type { ServerPeer } from '../core/peer.js';
import { revisionOf } from '../protocol/index.js';

/** What a route offers, merged from its groups. */
export interface Introduction {
  readonly capabilities: JsonObject;
  readonly instructions: string | undefined;
}

const RELAYED = ['logging', 'completions', 'prompts', 'resources', 'tools'] as const;

/** A capability of a server that the gateway can relay. */
export type RelayedCapability = (typeof RELAYED)[number];

export function isRelayed(capability: string | undefined): capability is RelayedCapability {
  return RELAYED.some((relayed) => relayed === capability);
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
  const declared = (name: string) => isObject(peer.capabilities[name]);
  if (capability !== 'completions' || revisionOf(peer.revision)?.serverCapabilities.has(capability) !== false) {
    return declared(capability);
  }
  return declared('prompts') || declared('resources');
}

/** How the aggregated route introduces itself: with what any of its groups has, and with what all of them say. */
export function introduceAll(groups: readonly IntroducedGroup[], preamble: string | undefined): Introduction {
  return { capabilities: capabilitiesOf(groups), instructions: instructionsOf(groups, preamble) };
}

/** How the route of one group introduces itself: as the group's server did. */
export function introduceOne(group: IntroducedGroup): Introduction {
  return { capabilities: capabilitiesOf([group]), instructions: group.peer?.instructions };
}

/** Only what the gateway relays, and nothing that would promise a notification it does not send. */
function capabilitiesOf(groups: readonly IntroducedGroup[]): JsonObject {
  const offered = RELAYED.filter((capability) => groups.some(({ peer }) => offers(peer, capability)));
  return Object.fromEntries(offered.map((capability) => [capability, {}]));
}

function instructionsOf(groups: readonly IntroducedGroup[], preamble: string | undefined): string | undefined {
  const sections = groups.flatMap(({ name, prefix, peer }) => {
    const text = peer?.instructions?.trim();
    if (!text) return [];
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
