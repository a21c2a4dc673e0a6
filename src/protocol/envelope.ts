import { isObject, type JsonObject, type JsonValue, type Span } from '../core/json.js';
import type { Params } from '../core/message.js';
import type { Implementation, Peer } from '../core/peer.js';
import { implementation } from './implementation.js';
import { isLogLevel } from './log-level.js';
import { ENVELOPE } from './meta-keys.js';
import { LATEST_MODERN, MODERN_VERSIONS, revisionOf } from './revisions/index.js';
import { Violation } from './rules.js';

/** What a modern request says of whoever sent it. It holds for this request alone. */
export interface Envelope {
  readonly peer: Peer;
  /** The least severe log level wanted for this request. Undefined where no log messages are wanted at all. */
  readonly logLevel: string | undefined;
}

/** Whether a request claims to be a modern one. What it claims may be wrong in any way. */
export function claimsModern(params: Params | undefined): boolean {
  return params?.spans.protocolVersion !== undefined;
}

/** The version that a request claims, when that is a string. */
export function claimedVersion(params: Params | undefined): string | undefined {
  return params?.text('protocolVersion');
}

/** Clients say the same of themselves with every request: who said so last, by the bytes in which it was said. */
const PEERS = new Map<string, Peer>();
const MAX_PEERS = 256;
const MAX_PEER_BYTES = 4_096;

/**
 * The envelope of a modern request, or the rule that it breaks. Mostly the same peer for the same words.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic
 */
export function readEnvelope(params: Params | undefined): Envelope | Violation {
  const logLevel = params?.read('logLevel');
  const said = params && saidOfPeer(params);
  const known = said === undefined ? undefined : PEERS.get(said);
  const peer = known ?? readPeer(params);
  if (peer instanceof Violation) return peer;
  if (logLevel !== undefined && !isLogLevel(logLevel)) return wrong('logLevel', 'is not a log level');
  if (said !== undefined && !known) remember(said, peer);
  return { peer, logLevel };
}

function readPeer(params: Params | undefined): Peer | Violation {
  const version = claimedVersion(params);
  if (version === undefined) return missing('protocolVersion');
  const capabilities = params?.read('clientCapabilities');
  if (!isObject(capabilities)) return missing('clientCapabilities');
  const clientInfo = params?.read('clientInfo');
  if (clientInfo !== undefined && !isObject(clientInfo)) return wrong('clientInfo', 'is not an object');
  if (revisionOf(version)?.era !== 'modern') return unsupported(version);
  return { era: 'modern', revision: version, capabilities, info: implementation(clientInfo) };
}

/** The bytes that decide who the peer is, as one key. Undefined where they are too many to be kept. */
function saidOfPeer({ bytes, spans }: Params): string | undefined {
  const { protocolVersion, clientCapabilities, clientInfo } = spans;
  const key = `${said(bytes, protocolVersion)}\n${said(bytes, clientCapabilities)}\n${said(bytes, clientInfo)}`;
  return key.length > MAX_PEER_BYTES ? undefined : key;
}

function said(bytes: Buffer, span: Span | undefined): string {
  return span ? bytes.toString('latin1', span[0], span[1]) : '';
}

function remember(said: string, peer: Peer): void {
  const [oldest] = PEERS.keys();
  if (PEERS.size >= MAX_PEERS && oldest !== undefined) PEERS.delete(oldest);
  PEERS.set(said, peer);
}

/**
 * The envelope of a request of ours, as members of `_meta` without its braces.
 *
 * @param declares what the server may be told that the client can do
 */
export function envelopeMembers(declares: JsonObject, info: Implementation, logLevel: string | undefined): string {
  const { name, version } = info;
  const members: [string, JsonValue][] = [
    [ENVELOPE.protocolVersion, LATEST_MODERN.date],
    [ENVELOPE.clientCapabilities, inModernWords(declares)],
  ];
  if (name !== '') members.push([ENVELOPE.clientInfo, { name, version }]);
  if (logLevel !== undefined) members.push([ENVELOPE.logLevel, logLevel]);
  return members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',');
}

/**
 * What a client can do in the words of this era: there are no changes of roots to hear of, and forms are named, for
 * there may be servers that look for nothing else.
 */
function inModernWords(declares: JsonObject): JsonObject {
  const { roots, elicitation } = declares;
  const isBare = isObject(elicitation) && elicitation['form'] === undefined && elicitation['url'] === undefined;
  if (!isBare && !(isObject(roots) && roots['listChanged'] !== undefined)) return declares;
  return {
    ...declares,
    ...(isBare && { elicitation: { ...elicitation, form: {} } }),
    ...(isObject(roots) && { roots: {} }),
  };
}

/** A version that is not spoken in the modern way, whoever names it. */
export function unsupported(requested: string): Violation {
  const shown = requested.slice(0, 64);
  return new Violation('revision', 'Unsupported protocol version', {
    supported: [...MODERN_VERSIONS],
    requested: shown,
  });
}

function missing(member: keyof typeof ENVELOPE): Violation {
  return new Violation('envelope', `Missing _meta ${ENVELOPE[member]}`);
}

function wrong(member: keyof typeof ENVELOPE, how: string): Violation {
  return new Violation('envelope', `_meta ${ENVELOPE[member]} ${how}`);
}
