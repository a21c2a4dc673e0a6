import type { ShapeClass } from '../../extension/index.js';
import { type SectionNode, sectionTree } from '../section-tree.js';
import { choicesOf, describeShape, type DescribedField } from './describe.js';

type Schema = Record<string, unknown>;

const REFERENCE = { $ref: '#/$defs/reference' };

const DEFINITIONS: Schema = {
  duration: {
    description: 'A time: "250ms", "30s", "5m", "1h", "1d", or a bare number of seconds.',
    anyOf: [
      { type: 'number', minimum: 0 },
      { type: 'string', pattern: String.raw`^\d+(\.\d+)?(ms|s|m|h|d)$` },
      REFERENCE,
    ],
  },
  reference: {
    description: 'Text from elsewhere: ${NAME}, ${NAME:-default} or ${file:/path}.',
    type: 'string',
    pattern: String.raw`\$\{[^}]*\}`,
  },
};

/** The JSON Schema (2020-12) of a whole configuration file. */
export function configSchema(sections: readonly ShapeClass[]): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Configuration of the MCP gateway',
    ...schemaOfNode(sectionTree(sections)),
    $defs: DEFINITIONS,
  };
}

function schemaOfNode({ section, children }: SectionNode): Schema {
  const own = section ? schemaOfShape(section) : emptyObject();
  const nested = [...children].map(([name, child]) => [name, schemaOfNode(child)] as const);
  return { ...own, properties: { ...(own['properties'] as Schema), ...Object.fromEntries(nested) } };
}

function emptyObject(): Schema {
  return { type: 'object', properties: {}, additionalProperties: false };
}

function schemaOfShape(shape: ShapeClass): Schema {
  const properties = describeShape(shape).map((field) => [field.key, schemaOfField(field)] as const);
  return { ...emptyObject(), properties: Object.fromEntries(properties) };
}

function schemaOfField(field: DescribedField): Schema {
  const said = { description: field.doc };
  switch (field.kind) {
    case 'table':
      return { ...said, ...schemaOfShape(field.shape()) };
    case 'map': {
      const names = field.names ? { propertyNames: { pattern: field.names.source } } : {};
      return { ...said, type: 'object', ...names, additionalProperties: schemaOfShape(field.shape()) };
    }
    case 'list':
      return { ...said, type: 'array', items: schemaOfShape(field.shape()) };
    case 'string_map':
      return { ...said, type: 'object', additionalProperties: { type: 'string' } };
    case 'duration':
      return { ...said, ...defaultOf(field), $ref: '#/$defs/duration' };
    case 'count': {
      const { min, max, word } = field;
      return {
        ...said,
        ...defaultOf(field),
        anyOf: [{ type: 'integer', minimum: min, maximum: max }, { const: word }, REFERENCE],
      };
    }
    case 'array':
      return { ...said, ...defaultOf(field), type: 'array', ...boundsOfArray(field), items: itemsOf(field) };
    case 'string':
    case 'number':
    case 'boolean':
    case 'any':
      break;
  }
  const plain = schemaOfPlain(field);
  const free = field.kind === 'any' || (plain['type'] === 'string' && Object.keys(plain).length === 1);
  return { ...said, ...defaultOf(field), ...(free ? plain : { anyOf: [plain, REFERENCE] }) };
}

function defaultOf({ byDefault }: DescribedField): Schema {
  return byDefault === undefined ? {} : { default: byDefault };
}

function schemaOfPlain(field: DescribedField): Schema {
  const choices = choicesOf(field);
  if (choices) return { enum: choices };
  const type = field.kind === 'any' ? {} : { type: field.kind };
  return Object.assign(type, ...field.rules.filter(({ each }) => !each).map(schemaOfRule)) as Schema;
}

function itemsOf({ rules }: DescribedField): Schema {
  return Object.assign({}, ...rules.filter(({ each }) => each).map(schemaOfRule)) as Schema;
}

function boundsOfArray({ rules }: DescribedField): Schema {
  return Object.assign({}, ...rules.filter(({ each }) => !each).map(schemaOfRule)) as Schema;
}

type RuleSchema = (constraint: unknown, second: unknown) => Schema;

/** What each decorator of class-validator means in JSON Schema. One that is not here says nothing there. */
const RULES: Readonly<Record<string, RuleSchema>> = {
  arrayMaxSize: (count) => ({ maxItems: count }),
  arrayMinSize: (count) => ({ minItems: count }),
  arrayNotEmpty: () => ({ minItems: 1 }),
  arrayUnique: () => ({ uniqueItems: true }),
  isBoolean: () => ({ type: 'boolean' }),
  isIn: (values) => ({ enum: values }),
  isInt: () => ({ type: 'integer' }),
  isNotEmpty: () => ({ minLength: 1 }),
  isNumber: () => ({ type: 'number' }),
  isPositive: () => ({ exclusiveMinimum: 0 }),
  isString: () => ({ type: 'string' }),
  isUrl: () => ({ format: 'uri' }),
  length: (min, max) => ({ minLength: min, ...(max === undefined ? {} : { maxLength: max }) }),
  isLength: (min, max) => ({ minLength: min, ...(max === undefined ? {} : { maxLength: max }) }),
  matches: (pattern) => ({ pattern: pattern instanceof RegExp ? pattern.source : String(pattern) }),
  max: (limit) => ({ maximum: limit }),
  maxLength: (limit) => ({ maxLength: limit }),
  min: (limit) => ({ minimum: limit }),
  minLength: (limit) => ({ minLength: limit }),
};

function schemaOfRule({ name, constraints: [first, second] }: DescribedField['rules'][number]): Schema {
  return RULES[name]?.(first, second) ?? {};
}
