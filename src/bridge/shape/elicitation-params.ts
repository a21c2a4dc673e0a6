import { isObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { isBefore } from './age.js';

/**
 * What a person is to be asked, in the words of the client's revision. Undefined where the client cannot show
 * pages or forms, whichever it is, or the form has fields that its revision does not know.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation
 */
export function shapeElicitation(params: JsonObject, granted: JsonObject, revision: string): JsonObject | undefined {
  const mode = params['mode'] ?? 'form';
  if (mode === 'url') return granted['url'] === undefined ? undefined : params;
  // Who says nothing of either can do forms.
  if (mode !== 'form' || (granted['form'] === undefined && granted['url'] !== undefined)) return undefined;
  return isBefore(revision, '2025-11-25') ? olderForm(params) : params;
}

function olderForm(params: JsonObject): JsonObject | undefined {
  const { mode, ...rest } = params;
  const shaped = mode === undefined ? params : rest;
  const { requestedSchema } = shaped;
  if (!isObject(requestedSchema) || !isObject(requestedSchema['properties'])) return shaped;
  const given = Object.entries(requestedSchema['properties']);
  const fields = given.map(([name, field]) => [name, olderField(field)] as const);
  if (fields.some(([, field]) => field === undefined)) return undefined;
  if (fields.every(([, field], index) => field === given[index]?.[1])) return shaped;
  return { ...shaped, requestedSchema: { ...requestedSchema, properties: Object.fromEntries(fields) } };
}

/** A field of a form as 2025-06-18 knows it; undefined where it knows none like it. */
function olderField(field: JsonValue | undefined): JsonValue | undefined {
  if (!isObject(field)) return field;
  if (field['type'] === 'array') return undefined;
  const named = field['oneOf'] === undefined ? field : enumOf(field);
  if (!named || named['default'] === undefined || named['type'] === 'boolean') return named;
  const { default: _dropped, ...rest } = named;
  return rest;
}

/** A choice among titled values, with the titles beside the values. */
function enumOf({ oneOf, ...field }: JsonObject): JsonObject | undefined {
  if (!Array.isArray(oneOf) || !oneOf.every(isTitled)) return undefined;
  return { ...field, enum: oneOf.map((one) => one.const), enumNames: oneOf.map((one) => one.title) };
}

function isTitled(choice: JsonValue): choice is JsonObject & { const: string; title: string } {
  return isObject(choice) && typeof choice['const'] === 'string' && typeof choice['title'] === 'string';
}
