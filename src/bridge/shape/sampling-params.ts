import { isObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { isBefore } from './age.js';
import { shapeContent } from './content.js';

const TOOL_BLOCKS: ReadonlySet<JsonValue | undefined> = new Set(['tool_use', 'tool_result']);

/**
 * What a model is to be asked, in the words of the client's revision. Undefined where it is about tools and the
 * client said nothing of tools. Clients of 2025-11-25 are only asked for context where they said that they have it;
 * before, there was nothing to be said.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/client/sampling
 */
export function shapeSampling(params: JsonObject, granted: JsonObject, revision: string): JsonObject | undefined {
  const { messages, includeContext } = params;
  if (granted['tools'] === undefined && isAboutTools(params)) return undefined;
  let shaped = params;
  const isOlder = isBefore(revision, '2025-11-25');
  if (!isOlder && includeContext !== undefined && includeContext !== 'none' && granted['context'] === undefined) {
    shaped = { ...shaped, includeContext: 'none' };
  }
  if (!isOlder || !Array.isArray(messages)) return shaped;
  const olderMessages = messages.flatMap((message) => apart(message, revision));
  const isSame = olderMessages.length === messages.length && olderMessages.every((one, at) => one === messages[at]);
  return isSame ? shaped : { ...shaped, messages: olderMessages };
}

function isAboutTools({ tools, toolChoice, messages }: JsonObject): boolean {
  if (tools !== undefined || toolChoice !== undefined) return true;
  return Array.isArray(messages) && messages.some((message) => isObject(message) && hasToolBlock(message['content']));
}

function hasToolBlock(content: JsonValue | undefined): boolean {
  const blocks = Array.isArray(content) ? content : [content];
  return blocks.some((block) => isObject(block) && TOOL_BLOCKS.has(block['type']));
}

/** A message of several blocks as several messages of the same role, where a message has one block. */
function apart(message: JsonValue, revision: string): JsonValue[] {
  if (!isObject(message)) return [message];
  const { content } = message;
  const shaped = shapeContent(content, revision);
  if (Array.isArray(shaped)) return shaped.map((block) => ({ ...message, content: block }));
  return [shaped === content ? message : { ...message, content: shaped }];
}
