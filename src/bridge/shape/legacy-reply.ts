import { isObject, type JsonBytes, type JsonObject, type JsonValue } from '../../core/json.js';
import type { McpReply, McpResult } from '../../core/message.js';
import { isBefore } from './age.js';
import { shapeContent } from './content.js';
import { exactBytes, parseExact, replaced } from './exact-json.js';
import { shapeLegacyError } from './legacy-error.js';
import { plainResult } from './plain-result.js';
import { shapeToolList } from './tool-list.js';
import { mayHoldBareContent, shapeToolResult } from './tool-result.js';

/** What stands in the bytes of a result that an older client has no word for; a letter may also be written as an escape. */
const YOUNG_WORDS = ['"structuredContent"', '"resource_link"', '"audio"', '\\u00'].map((word) => Buffer.from(word));
const OUTPUT_SCHEMA = Buffer.from('"outputSchema"');

/** Lists are replied many times over: by revision, what became of each. */
const LISTS = new Map<string, WeakMap<JsonBytes, McpResult>>();

/**
 * A reply as a client of that revision understands it: what it has no word for is said in older words where
 * there are any, and left out where leaving it out loses nothing but convenience. Everything else is kept, known
 * or not.
 */
export function shapeForLegacy(method: string, reply: McpReply, revision: string): McpReply {
  if (reply.kind === 'error') return shapeLegacyError(method, reply, revision);
  switch (method) {
    case 'tools/call':
      return plainResult(
        mayNeedWords(reply, revision) || mayHoldBareContent(reply.json.bytes)
          ? reshaped(reply, (given) => shapeToolResult(given, revision))
          : reply,
      );
    case 'prompts/get':
      return plainResult(
        mayNeedWords(reply, revision) ? reshaped(reply, (given) => shapePrompt(given, revision)) : reply,
      );
    case 'tools/list':
      return shapedList(reply, revision);
    default:
      return plainResult(reply);
  }
}

function mayNeedWords({ json }: McpResult, revision: string): boolean {
  return isBefore(revision, '2025-06-18') && YOUNG_WORDS.some((word) => json.bytes.includes(word));
}

function shapedList(reply: McpResult, revision: string): McpResult {
  let lists = LISTS.get(revision);
  if (!lists) LISTS.set(revision, (lists = new WeakMap()));
  let shaped = lists.get(reply.json);
  if (!shaped) {
    const hasSchemas = reply.json.bytes.includes(OUTPUT_SCHEMA);
    shaped = plainResult(hasSchemas ? reshaped(reply, (given) => shapeToolList(given, revision)) : reply);
    lists.set(reply.json, shaped);
  }
  return shaped;
}

function reshaped(reply: McpResult, shape: (given: JsonObject) => JsonObject): McpResult {
  const given = parseExact(reply.json);
  if (!isObject(given)) return reply;
  const shaped = shape(given);
  return shaped === given ? reply : { ...reply, json: exactBytes(shaped) };
}

function shapePrompt(given: JsonObject, revision: string): JsonObject {
  const { messages } = given;
  if (!Array.isArray(messages)) return given;
  const shaped = replaced(messages, (message) => shapeMessage(message, revision)) as JsonValue[];
  return shaped === messages ? given : { ...given, messages: shaped };
}

function shapeMessage(message: JsonValue, revision: string): JsonValue {
  if (!isObject(message)) return message;
  const content = shapeContent(message['content'], revision);
  return content === message['content'] ? message : { ...message, content };
}
