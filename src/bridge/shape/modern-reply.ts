import { GatewayError } from '../../core/errors.js';
import type { JsonBytes, JsonObject } from '../../core/json.js';
import type { McpReply, McpResult } from '../../core/message.js';
import { TASKS_EXTENSION } from '../../protocol/index.js';
import { lacks } from './lacks.js';
import { shapeModernError } from './modern-error.js';
import { modernTools } from './modern-tools.js';

/** What a server may answer with a question. */
export const ASKING: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);

const LISTS = new WeakMap<JsonBytes, McpResult>();

/**
 * A reply as a modern client understands it, but for what stands in every modern result.
 *
 * @param declared what the client says that it can do
 */
export function shapeForModern(method: string, reply: McpReply, declared: JsonObject): McpReply {
  if (reply.kind === 'error') return shapeModernError(reply, declared);
  if (!isExpected(method, reply.type, declared)) {
    throw new GatewayError('upstream_protocol_error', 'the server answered with an unexpected type of result');
  }
  return method === 'tools/list' && reply.type === undefined ? shapedList(reply) : reply;
}

function isExpected(method: string, type: string | undefined, declared: JsonObject): boolean {
  switch (type) {
    case undefined:
    case 'complete':
      return true;
    case 'input_required':
      return ASKING.has(method);
    case 'task':
      return method === 'tools/call' && !lacks(declared, { extensions: { [TASKS_EXTENSION]: {} } });
    default:
      return false;
  }
}

function shapedList(reply: McpResult): McpResult {
  let shaped = LISTS.get(reply.json);
  if (!shaped) LISTS.set(reply.json, (shaped = modernTools(reply)));
  return { ...reply, json: shaped.json };
}
