import type { IncomingHttpHeaders } from 'node:http';

import { isObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { Violation } from '../rules.js';
import { decodeHeader, encodeHeader } from './header-text.js';
import type { MirrorRules } from './rules.js';

const PREFIX = 'Mcp-Param-';
const SENT_PREFIX = PREFIX.toLowerCase();

/** How an integer is written in a header; a fraction of nothing but zeros does not change it. */
const DECIMAL = /^-?\d+(?:\.\d+)?$/;

/** The headers that repeat the arguments of a call: names in full, values as they go over the wire. */
export function mirrorHeaders(rules: MirrorRules, args: JsonObject): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const { name, path } of rules) {
    const text = textOf(valueAt(args, path));
    if (text !== undefined) headers.set(`${PREFIX}${name}`, encodeHeader(text));
  }
  return headers;
}

/**
 * Where the headers of a call do not say what its arguments say; undefined when they do. A header without its
 * argument says nothing that could be wrong.
 *
 * @param sent as `sentMirrors` found them
 */
export function mirrorProblem(
  rules: MirrorRules,
  args: JsonObject,
  sent: ReadonlyMap<string, string>,
): Violation | undefined {
  for (const { name, path } of rules) {
    const value = valueAt(args, path);
    const text = textOf(value);
    if (text === undefined) continue;
    const header = sent.get(name.toLowerCase());
    if (header === undefined) return problem(`Missing header ${PREFIX}${name}`);
    const said = decodeHeader(header);
    if (said === undefined) return problem(`${PREFIX}${name} is not valid base64`);
    if (said !== text && !isSameNumber(value, said)) return problem(`${PREFIX}${name} does not match its argument`);
  }
  return undefined;
}

/** The arguments that came in headers: by name in small letters without `mcp-param-`, as they were sent. */
export function sentMirrors(headers: IncomingHttpHeaders): ReadonlyMap<string, string> {
  const sent = new Map<string, string>();
  for (const name in headers) {
    const value = headers[name];
    if (name.startsWith(SENT_PREFIX) && typeof value === 'string') sent.set(name.slice(SENT_PREFIX.length), value);
  }
  return sent;
}

function valueAt(args: JsonObject, path: readonly string[]): JsonValue | undefined {
  let at: JsonValue | undefined = args;
  for (const key of path) {
    if (!isObject(at) || !Object.hasOwn(at, key)) return undefined;
    at = at[key];
  }
  return at;
}

/** Undefined for what no header repeats: nothing, structures, and integers that not everybody can tell apart. */
function textOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'number' || (Number.isInteger(value) && !Number.isSafeInteger(value))) return undefined;
  return String(value);
}

function isSameNumber(value: JsonValue | undefined, said: string): boolean {
  return typeof value === 'number' && DECIMAL.test(said) && Number(said) === value;
}

function problem(detail: string): Violation {
  return new Violation('argument_header', detail);
}
