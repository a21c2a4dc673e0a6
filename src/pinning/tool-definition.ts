import { createHash } from 'node:crypto';

import type { JsonObject } from '../core/json.js';
import { hasTwins } from '../core/twins.js';
import { canonicalJson } from './canonical-json.js';

/** What of a tool is approved: whatever its callers, people or models, decide by. */
const PINNED: ReadonlySet<string> = new Set([
  'name',
  'title',
  'description',
  'inputschema',
  'outputschema',
  'annotations',
]);

/** What is approved of one tool. */
export interface ToolDefinition {
  readonly definition: JsonObject;
  /** Of the definition in canonical JSON, in hexadecimal digits. */
  readonly sha256: string;
}

/** A tool as its server describes it. */
export interface DescribedTool extends ToolDefinition {
  /** What stands in it beside that: pictures, and what is between its server and some clients. */
  readonly rest: JsonObject;
  /** A key stands in it twice: what it says depends on who reads it. It is never what was approved. */
  readonly isAmbiguous: boolean;
}

/** @param bytes the tool in a list of its server */
export function describedTool(bytes: Buffer): DescribedTool {
  const entries = Object.entries(JSON.parse(bytes.toString()) as JsonObject);
  // Some readers take keys in any case for the same, and by the tables of Unicode: a long s is an s to them.
  const isPinned = ([key]: readonly [string, unknown]): boolean => PINNED.has(key.toUpperCase().toLowerCase());
  const definition = Object.fromEntries(entries.filter(isPinned));
  const rest = Object.fromEntries(entries.filter((entry) => !isPinned(entry)));
  return { definition, rest, sha256: sha256Of(definition), isAmbiguous: hasTwins(bytes) };
}

/** The digest that a definition is known by. */
export function sha256Of(definition: JsonObject): string {
  return createHash('sha256').update(canonicalJson(definition)).digest('hex');
}
