import { isObject, type JsonValue } from '../core/json.js';
import type { Params } from '../core/message.js';
import { Violation } from './rules.js';

const FLAGS = ['toolsListChanged', 'promptsListChanged', 'resourcesListChanged'] as const;
const LISTS = ['resourceSubscriptions', 'taskIds'] as const;

/** What one listen can name of each: more would cost every server of the route as much. */
const MAX_NAMED = 1_000;

/** All that one listen says, in bytes: it is kept for as long as the listen is open. */
const MAX_BYTES = 262_144;

/**
 * What is wrong with what a client wants to listen for; undefined when nothing is.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/utilities/subscriptions
 */
export function listenProblem(params: Params): Violation | undefined {
  if (params.bytes.length > MAX_BYTES) return problem(`params are longer than ${MAX_BYTES} bytes`);
  const { notifications } = params.object();
  if (!isObject(notifications)) return problem('notifications is not an object');
  const flag = FLAGS.find((name) => !isFlag(notifications[name]));
  if (flag) return problem(`${flag} is not a boolean`);
  const list = LISTS.find((name) => !isList(notifications[name]));
  return list && problem(`${list} is not an array of at most ${MAX_NAMED} strings`);
}

function isFlag(value: JsonValue | undefined): boolean {
  return value === undefined || typeof value === 'boolean';
}

function isList(value: JsonValue | undefined): boolean {
  if (value === undefined) return true;
  return Array.isArray(value) && value.length <= MAX_NAMED && value.every((each) => typeof each === 'string');
}

function problem(detail: string): Violation {
  return new Violation('listen_filter', detail);
}
