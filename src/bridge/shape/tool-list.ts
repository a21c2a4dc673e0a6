import { isObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { isBefore } from './age.js';
import { replaced } from './exact-json.js';

/** Members of a schema that references reach from its root. */
const ROOT_MEMBERS: ReadonlySet<string> = new Set(['$schema', '$defs', 'definitions']);

/** A list of tools in the words of a revision; the very same where there is nothing to change. */
export function shapeToolList(given: JsonObject, revision: string): JsonObject {
  const { tools } = given;
  if (!Array.isArray(tools)) return given;
  const shaped = replaced(tools, (tool) => (isObject(tool) ? shapeTool(tool, revision) : tool)) as JsonValue[];
  return shaped === tools ? given : { ...given, tools: shaped };
}

function shapeTool(tool: JsonObject, revision: string): JsonObject {
  const { outputSchema, ...rest } = tool;
  if (outputSchema === undefined) return tool;
  const schema = isBefore(revision, '2025-06-18') ? undefined : objectSchema(outputSchema);
  if (schema === outputSchema) return tool;
  return schema === undefined ? rest : { ...rest, outputSchema: schema };
}

/**
 * The schema where it says that results are objects. One of anything else describes what is under `result`, as
 * such results are wrapped. One that leaves it open describes neither, and clients do without it.
 */
function objectSchema(schema: JsonValue): JsonValue | undefined {
  if (!isObject(schema) || schema['type'] === undefined) return undefined;
  const { type } = schema;
  if (type === 'object') return schema;
  if (Array.isArray(type) && type.includes('object')) return undefined;
  const entries = Object.entries(schema);
  const root = entries.filter(([name]) => ROOT_MEMBERS.has(name));
  const own = entries.filter(([name]) => !ROOT_MEMBERS.has(name));
  const properties = { result: Object.fromEntries(own) };
  return { ...Object.fromEntries(root), type: 'object', properties, required: ['result'] };
}
