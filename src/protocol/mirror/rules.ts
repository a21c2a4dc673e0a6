import { isObject, type JsonObject, type JsonValue } from '../../core/json.js';

/** An argument of a tool that is repeated in a header. */
export interface Mirror {
  /** As the tool spells it, without `Mcp-Param-`. */
  readonly name: string;
  /** The keys that lead from the arguments to the value. */
  readonly path: readonly string[];
}

/** What a tool wants to see in headers beside its arguments: at least one of them. */
export type MirrorRules = readonly Mirror[];

const DECLARATION = 'x-mcp-header';

/** What a field name may be made of (RFC 9110, section 5.6.2). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

const TYPES: ReadonlySet<unknown> = new Set(['string', 'integer', 'boolean']);

/** Keywords with schemas of which nobody can say beforehand to which arguments they apply: one, or a list. */
const ELSEWHERE = [
  'items',
  'prefixItems',
  'contains',
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'propertyNames',
  'oneOf',
  'anyOf',
  'allOf',
  'not',
  'if',
  'then',
  'else',
] as const;

/** The same with schemas by name. */
const ELSEWHERE_BY_NAME = ['patternProperties', 'dependentSchemas', '$defs', 'definitions'] as const;

/**
 * What the input schema of a tool wants to see in headers. Undefined where that is nothing; `invalid` where any of it
 * is declared wrongly: such a tool must not be offered over HTTP.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 */
export function mirrorRules(inputSchema: JsonValue | undefined): MirrorRules | 'invalid' | undefined {
  if (!isObject(inputSchema)) return undefined;
  const found: Mirror[] = [];
  if (!collect(inputSchema, [], found)) return 'invalid';
  if (new Set(found.map(({ name }) => name.toLowerCase())).size < found.length) return 'invalid';
  return found.length > 0 ? found : undefined;
}

/** False once one is met that is not valid. */
function collect(schema: JsonObject, path: readonly string[], found: Mirror[]): boolean {
  const declared = schema[DECLARATION];
  if (declared !== undefined) {
    if (path.length === 0 || !isName(declared) || !TYPES.has(schema['type'])) return false;
    found.push({ name: declared, path });
  }
  const { properties } = schema;
  if (isObject(properties)) {
    for (const [key, property] of Object.entries(properties)) {
      if (isObject(property) && !collect(property, [...path, key], found)) return false;
    }
  }
  return !schemasElsewhere(schema).some(declaresAnything);
}

function isName(declared: JsonValue): declared is string {
  return typeof declared === 'string' && TOKEN.test(declared);
}

function declaresAnything(schema: JsonValue | undefined): boolean {
  if (!isObject(schema)) return false;
  if (schema[DECLARATION] !== undefined) return true;
  const { properties } = schema;
  const named = isObject(properties) ? Object.values(properties) : [];
  return named.some(declaresAnything) || schemasElsewhere(schema).some(declaresAnything);
}

function schemasElsewhere(schema: JsonObject): (JsonValue | undefined)[] {
  const unnamed = ELSEWHERE.flatMap((keyword) => schema[keyword] ?? []);
  const named = ELSEWHERE_BY_NAME.flatMap((keyword) => {
    const schemas = schema[keyword];
    return isObject(schemas) ? Object.values(schemas) : [];
  });
  return [...unnamed, ...named];
}
