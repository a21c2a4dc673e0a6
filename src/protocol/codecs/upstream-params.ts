import { isObject, type Span, type Splice } from '../../core/json.js';
import type { McpRequest, Params, ParamSpans } from '../../core/message.js';
import { members, objectOf } from '../../core/walk.js';
import { ENVELOPE } from '../meta-keys.js';
import { METHODS } from '../methods.js';

const META_KEY = Buffer.from('"_meta"');
const NOTHING = Buffer.alloc(0);
const CLOSE_BRACE = 0x7d;
const COMMA = 0x2c;
const SPACE = 0x20;

/** What belongs to the leg that a message came by, and not to what it says. */
const KEY_LENGTHS = {
  protocolVersion: ENVELOPE.protocolVersion.length,
  clientCapabilities: ENVELOPE.clientCapabilities.length,
  clientInfo: ENVELOPE.clientInfo.length,
  logLevel: ENVELOPE.logLevel.length,
  progressToken: 'progressToken'.length,
} as const;
const LEG_MEMBERS = Object.keys(KEY_LENGTHS) as readonly (keyof typeof KEY_LENGTHS)[];
const OF_THE_LEG: ReadonlySet<string> = new Set([...Object.values(ENVELOPE), 'progressToken']);

/**
 * The params of a request as a server is to get them: under its own name for what the request is about, and with
 * what belongs to its leg in `_meta` in the place of what belonged to the client's. Everything else is untouched.
 *
 * @param envelope members of `_meta`, without its braces; empty for none
 * @param token the progress token of that leg, if progress is wanted
 */
export function upstreamParams(
  { method, params, renamed }: McpRequest,
  envelope: string,
  token: number | undefined,
): Buffer | undefined {
  if (!params) {
    const ours = membersOf(envelope, token);
    return ours === '' ? undefined : Buffer.from(`{"_meta":{${ours}}}`);
  }
  const isUntouched = renamed === undefined && envelope === '' && token === undefined && !params.spans.meta;
  if (isUntouched) return params.bytes;
  const splices: Splice[] = [];
  if (renamed !== undefined) splices.push(...renaming(method, params, renamed));
  const meta = metaSplice(params, envelope, token);
  if (meta) splices.push(meta);
  return params.spliced(splices);
}

/** Puts the name where this method has it: params may hold members of the other names as well. */
function renaming(method: string, params: Params, name: string): Splice[] {
  const namedBy = METHODS.get(method)?.namedBy;
  const at = namedBy && params.spans[namedBy];
  if (!at) return [];
  return [{ at, bytes: namedBy === 'ref' ? renamedRef(params, name) : Buffer.from(JSON.stringify(name)) }];
}

/** What is completed has its name one level deeper, where no spans reach. */
function renamedRef(params: Params, renamed: string): Buffer {
  const ref = params.read('ref');
  const key = isObject(ref) && ref['type'] === 'ref/resource' ? 'uri' : 'name';
  return Buffer.from(JSON.stringify({ ...(isObject(ref) ? ref : {}), [key]: renamed }));
}

function metaSplice(params: Params, envelope: string, token: number | undefined): Splice | undefined {
  const { bytes, spans } = params;
  const { meta } = spans;
  if (!meta) {
    const ours = membersOf(envelope, token);
    return ours === '' ? undefined : prepend(bytes, 0, `"_meta":{${ours}}`);
  }
  if (envelope === '' && !hasEnvelope(spans)) {
    const { progressToken } = spans;
    if (!progressToken) return token === undefined ? undefined : prepend(bytes, meta[0], membersOf('', token));
    if (token !== undefined) return { at: progressToken, bytes: Buffer.from(String(token)) };
  }
  const ours = membersOf(envelope, token);
  const kept = isOfTheLeg(spans, meta) ? [] : members(bytes, meta[0]).filter(({ key }) => !OF_THE_LEG.has(key));
  // An empty one would say nothing.
  return kept.length === 0 && ours === ''
    ? { at: memberAround(bytes, meta[0], meta[1]), bytes: NOTHING }
    : { at: meta, bytes: objectOf(bytes, kept, ours) };
}

/**
 * Whether nothing stands in `_meta` but what belongs to the leg, as its length tells: each of these members stands
 * there once, with its key in quotes, a colon, and a comma behind all but the last. Where there is white space, it
 * has to be walked through.
 */
function isOfTheLeg(spans: ParamSpans, [start, end]: Span): boolean {
  let count = 0;
  let length = 0;
  for (const name of LEG_MEMBERS) {
    const span = spans[name];
    if (!span) continue;
    count++;
    length += KEY_LENGTHS[name] + 3 + span[1] - span[0];
  }
  return count > 0 && length + count + 1 === end - start;
}

function hasEnvelope({ protocolVersion, clientCapabilities, clientInfo, logLevel }: ParamSpans): boolean {
  return (protocolVersion ?? clientCapabilities ?? clientInfo ?? logLevel) !== undefined;
}

function membersOf(envelope: string, token: number | undefined): string {
  if (token === undefined) return envelope;
  return envelope === '' ? `"progressToken":${token}` : `${envelope},"progressToken":${token}`;
}

/** A new first member for the object whose brace stands at `brace`. */
function prepend(bytes: Buffer, brace: number, member: string): Splice {
  const inside = brace + 1;
  const isEmpty = bytes[forward(bytes, inside)] === CLOSE_BRACE;
  return { at: [inside, inside], bytes: Buffer.from(isEmpty ? member : `${member},`) };
}

/** The member `_meta` with its key and one comma, so that what is left without them is an object again. */
function memberAround(bytes: Buffer, start: number, end: number): readonly [number, number] {
  const key = bytes.lastIndexOf(META_KEY, start);
  const after = forward(bytes, end);
  if (bytes[after] === COMMA) return [key, after + 1];
  let before = key - 1;
  while ((bytes[before] as number) <= SPACE) before--;
  return [bytes[before] === COMMA ? before : key, end];
}

function forward(bytes: Buffer, at: number): number {
  let next = at;
  while ((bytes[next] as number) <= SPACE) next++;
  return next;
}
