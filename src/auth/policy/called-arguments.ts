import type { JsonObject, JsonValue } from '../../core/json.js';
import type { McpRequest } from '../../core/message.js';
import { isObject } from '../../core/json.js';
import { elements, members, valuesOf } from '../../core/walk.js';

/** Bytes of arguments that expressions read, at most. */
const MAX_BYTES = 65_536;
/** Values in them, those within others included, at most. */
const MAX_VALUES = 4_096;

const NONE: JsonObject = {};

/**
 * What a request gives its tool or prompt, for expressions to read: of a completion what was filled in so far.
 *
 * Undefined for what must not be judged: what is too large, and what a server may read differently, because a key
 * comes twice, if only in another case. It is relayed as it was written.
 */
export function calledArguments(request: McpRequest): JsonObject | undefined {
  const { params, method } = request;
  if (!params) return NONE;
  const { bytes } = params;
  if (method === 'completion/complete') return bytes.length > MAX_BYTES ? undefined : completed(request.object());
  const [at, ...others] = valuesOf(bytes, 'arguments');
  if (!at) return NONE;
  if (others.length > 0 || at[1] - at[0] > MAX_BYTES || !isPlain(bytes, at[0])) return undefined;
  const value = JSON.parse(bytes.toString('utf8', at[0], at[1])) as JsonValue;
  return isObject(value) ? value : undefined;
}

function completed({ argument, context }: JsonObject): JsonObject {
  const before = isObject(context) && isObject(context['arguments']) ? context['arguments'] : NONE;
  const now = isObject(argument) && typeof argument['name'] === 'string' ? argument : undefined;
  return now ? { ...before, [now['name'] as string]: now['value'] } : { ...before };
}

function isPlain(bytes: Buffer, start: number): boolean {
  const open = [start];
  let values = 0;
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (++values > MAX_VALUES) return false;
    const keys = new Set<string>();
    for (const { key, value } of members(bytes, at)) {
      const plain = key.toLowerCase();
      if (keys.has(plain)) return false;
      keys.add(plain);
      open.push(value[0]);
    }
    for (const [element] of elements(bytes, at)) open.push(element);
    if (open.length > MAX_VALUES) return false;
  }
  return true;
}
