import { isObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { isBefore } from './age.js';
import { replaced } from './exact-json.js';

/**
 * Content as a client of that revision understands it: blocks that it has no word for are said in text, as short
 * as it can be said. The very same value where there is nothing to say otherwise. Types that nobody knows stay.
 */
export function shapeContent(content: JsonValue | undefined, revision: string): JsonValue | undefined {
  if (Array.isArray(content)) return replaced(content, (block) => shapeBlock(block, revision)) as JsonValue[];
  return content === undefined ? undefined : shapeBlock(content, revision);
}

/** A block of text. */
export function textBlock(text: string): JsonObject {
  return { type: 'text', text };
}

function shapeBlock(block: JsonValue, revision: string): JsonValue {
  if (!isObject(block)) return block;
  const { type, name, uri, mimeType } = block;
  if (type === 'resource_link' && isBefore(revision, '2025-06-18')) {
    return said(block, typeof name === 'string' && name !== '' ? `${name}: ${textOf(uri)}` : textOf(uri));
  }
  if (type === 'audio' && isBefore(revision, '2025-03-26')) return said(block, `[audio ${textOf(mimeType)}]`);
  return block;
}

/** In text, for whom the block was. */
function said({ annotations }: JsonObject, text: string): JsonObject {
  return annotations === undefined ? textBlock(text) : { ...textBlock(text), annotations };
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
