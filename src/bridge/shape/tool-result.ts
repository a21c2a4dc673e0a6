import { isObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { Word } from '../../core/word.js';
import { isBefore } from './age.js';
import { shapeContent, textBlock } from './content.js';
import { isExactNumber } from './exact-json.js';

const KEY = new Word('"structuredContent"', 'C');
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const SPACE = 0x20;

/**
 * Whether the bytes of a tool's result may hold structured content that is no object, which no revision with a
 * handshake allows.
 */
export function mayHoldBareContent(bytes: Buffer): boolean {
  for (let at = KEY.at(bytes); at >= 0; at = KEY.at(bytes, at + KEY.length)) {
    const colon = skipSpace(bytes, at + KEY.length);
    if (bytes[colon] === COLON && bytes[skipSpace(bytes, colon + 1)] !== OPEN_BRACE) return true;
  }
  return false;
}

/** The result of a tool in the words of a revision; the very same where there is nothing to change. */
export function shapeToolResult(given: JsonObject, revision: string): JsonObject {
  const content = shapeContent(given['content'], revision);
  const shaped = content === given['content'] ? given : { ...given, content };
  const { structuredContent } = shaped;
  if (structuredContent === undefined) return shaped;
  if (!isBefore(revision, '2025-06-18')) {
    const isProper = isObject(structuredContent) && !isExactNumber(structuredContent);
    return isProper ? shaped : { ...shaped, structuredContent: { result: structuredContent } };
  }
  const { structuredContent: _dropped, ...rest } = shaped;
  return { ...rest, content: hasText(given['content']) ? (content ?? []) : withText(content, structuredContent) };
}

/** Whether the server said something in text itself. What stands in for a block of another kind does not count. */
function hasText(content: JsonValue | undefined): boolean {
  return Array.isArray(content) && content.some((block) => isObject(block) && block['type'] === 'text');
}

/** The content with structured content as text. */
function withText(content: JsonValue | undefined, structured: JsonValue): JsonValue[] {
  const blocks = Array.isArray(content) ? content : [];
  return [...blocks, textBlock(JSON.stringify(structured))];
}

function skipSpace(bytes: Buffer, at: number): number {
  let next = at;
  while ((bytes[next] as number) <= SPACE) next++;
  return next;
}
