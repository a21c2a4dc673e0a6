import type { Span, Splice } from '../../core/json.js';
import { isObject } from '../../core/json.js';
import type { McpRequest, Params } from '../../core/message.js';
import { METHODS } from '../methods.js';

const NOTHING = Buffer.alloc(0);
const QUOTE = 0x22;
const COMMA = 0x2c;
const SPACE = 0x20;

/** The params of a request under the upstream's name and with a progress token of the upstream leg, or none. */
export function upstreamParams(request: McpRequest, progressToken: number | undefined): Buffer | undefined {
  const { method, params, renamed } = request;
  if (!params) return progressToken === undefined ? undefined : Buffer.from(`{"_meta":${tokenMember(progressToken)}}`);
  const splices: Splice[] = [];
  if (renamed !== undefined) splices.push(...renaming(method, params, renamed));
  replaceToken(params, progressToken, splices);
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

function replaceToken(params: Params, token: number | undefined, splices: Splice[]): void {
  const { meta, progressToken } = params.spans;
  if (progressToken) {
    splices.push(
      token === undefined
        ? { at: memberAround(params.bytes, progressToken), bytes: NOTHING }
        : { at: progressToken, bytes: Buffer.from(String(token)) },
    );
  } else if (token !== undefined) {
    splices.push(
      meta
        ? prepend(params.bytes, meta[0], `"progressToken":${token}`)
        : prepend(params.bytes, 0, `"_meta":${tokenMember(token)}`),
    );
  }
}

function tokenMember(token: number): string {
  return `{"progressToken":${token}}`;
}

/** A new first member for the object whose brace stands at `brace`. */
function prepend(bytes: Buffer, brace: number, member: string): Splice {
  const inside = brace + 1;
  const empty = bytes[forward(bytes, inside)] === 0x7d;
  return { at: [inside, inside], bytes: Buffer.from(empty ? member : `${member},`) };
}

/** A member with its key and one comma, so that what is left without them is an object again. */
function memberAround(bytes: Buffer, value: Span): Span {
  // Back over the colon and the key, which has no escapes in it.
  let start = backward(bytes, backward(bytes, value[0] - 1) - 1) - 1;
  while (bytes[start] !== QUOTE) start--;
  const after = forward(bytes, value[1]);
  if (bytes[after] === COMMA) return [start, after + 1];
  const before = backward(bytes, start - 1);
  return [bytes[before] === COMMA ? before : start, value[1]];
}

function forward(bytes: Buffer, at: number): number {
  let next = at;
  while ((bytes[next] as number) <= SPACE) next++;
  return next;
}

function backward(bytes: Buffer, at: number): number {
  let next = at;
  while ((bytes[next] as number) <= SPACE) next--;
  return next;
}
