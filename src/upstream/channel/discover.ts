import type { McpReply } from '../../core/message.js';
import type { ServerPeer } from '../../core/peer.js';
import { codecFor, MODERN_VERSIONS } from '../../protocol/index.js';
import type { Wire } from '../wire.js';
import type { Channel } from './channel.js';
import { DISCOVER } from './manner/modern-manner.js';

const CODEC = codecFor('modern');

/** What only modern servers say: the headers do not fit, a capability is missing, the version is not spoken. */
const HEADER_MISMATCH = -32020;
const MISSING_CAPABILITY = -32021;
const UNSUPPORTED_VERSION = -32022;

/**
 * Asks a server what it is, and returns how it described itself. `legacy` where it answered that it does not know
 * what it is asked, or knows no modern revision that is spoken here.
 *
 * @param deadline monotonic milliseconds
 * @throws as `Channel.ask`, where it did not answer, or not with a message
 */
export async function discover(channel: Channel, wire: Wire, deadline: number): Promise<ServerPeer | 'legacy'> {
  const first = verdictOf(await channel.ask(DISCOVER, deadline));
  // A modern server that cannot take what was asked may have been right only then.
  const verdict = first === 'again' ? verdictOf(await channel.ask(DISCOVER, deadline)) : first;
  if (typeof verdict === 'string') return 'legacy';
  wire.negotiated(verdict.revision);
  return verdict;
}

function verdictOf(reply: McpReply): ServerPeer | 'again' | 'legacy' {
  if (reply.kind === 'error') return isRecoverable(reply.json.object()) ? 'again' : 'legacy';
  try {
    return CODEC.readDiscoverResult(reply);
  } catch {
    return 'legacy';
  }
}

function isRecoverable({ code, data }: { readonly [member: string]: unknown }): boolean {
  if (code === HEADER_MISMATCH || code === MISSING_CAPABILITY) return true;
  return code === UNSUPPORTED_VERSION && supportedBy(data).some((version) => MODERN_VERSIONS.includes(version));
}

function supportedBy(data: unknown): string[] {
  const supported = typeof data === 'object' && data !== null && 'supported' in data ? data.supported : undefined;
  return Array.isArray(supported) ? supported.filter((version) => typeof version === 'string') : [];
}
