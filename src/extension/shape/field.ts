import 'reflect-metadata';

import { toSnakeCase } from './key-path.js';
import { type Rule, rulesOf } from './rules.js';
import type { ShapeClass } from './shape-class.js';

/** What a field holds, as far as reading and documenting need to know. */
export type FieldKind =
  | { readonly kind: 'string' | 'number' | 'boolean' | 'array' | 'any' }
  | { readonly kind: 'duration'; readonly min: number; readonly max: number }
  | { readonly kind: 'count'; readonly word: string; readonly min: number; readonly max: number }
  | { readonly kind: 'table'; readonly shape: () => ShapeClass }
  | { readonly kind: 'map'; readonly shape: () => ShapeClass; readonly names: RegExp | undefined }
  | { readonly kind: 'list'; readonly shape: () => ShapeClass }
  | { readonly kind: 'string_map' };

/** One property of a shape, and the key it has in configuration. */
export type Field = FieldKind & {
  readonly property: string;
  readonly key: string;
  /** One sentence for the schema, the example and the reference. Empty when the class says none. */
  readonly doc: string;
  /** What to show where there is no default. */
  readonly example: string | number | boolean | undefined;
};

interface Declared {
  doc?: string;
  example?: string | number | boolean | undefined;
  kind?: FieldKind;
}

const DECLARED = Symbol('declared fields');

/** Notes what a decorator said about a property. A subclass adds to what its parent said. */
export function declareField(prototype: object, property: string, said: Declared): void {
  const inherited = (Reflect.getMetadata(DECLARED, prototype) as Map<string, Declared> | undefined) ?? new Map();
  const own = new Map<string, Declared>(inherited);
  own.set(property, { ...own.get(property), ...said });
  Reflect.defineMetadata(DECLARED, own, prototype);
}

const KNOWN = new WeakMap<ShapeClass, readonly Field[]>();

/** Every field of a shape in the order in which the class declares them. */
export function fieldsOf(shape: ShapeClass): readonly Field[] {
  const known = KNOWN.get(shape);
  if (known) return known;
  const defaults = new shape() as Record<string, unknown>;
  const declared =
    (Reflect.getMetadata(DECLARED, shape.prototype as object) as Map<string, Declared> | undefined) ?? new Map();
  const properties = new Set([...Object.keys(defaults), ...declared.keys()]);
  const fields = Array.from(properties, (property) => {
    const { doc = '', example, kind } = declared.get(property) ?? {};
    const plain = kind ?? { kind: plainKind(shape, property, defaults[property]) };
    return { property, key: toSnakeCase(property), doc, example, ...plain };
  });
  KNOWN.set(shape, fields);
  return fields;
}

type PlainKind = 'string' | 'number' | 'boolean' | 'array' | 'any';

/** The default tells most; the rules more than the declared type, which is `Object` for a union. */
function plainKind(shape: ShapeClass, property: string, value: unknown): PlainKind {
  if (value !== undefined) return kindOfValue(value);
  const ruled = rulesOf(shape, property).map(kindOfRule).find(Boolean);
  if (ruled) return ruled;
  const type: unknown = Reflect.getMetadata('design:type', shape.prototype as object, property);
  const types: readonly [unknown, PlainKind][] = [
    [String, 'string'],
    [Number, 'number'],
    [Boolean, 'boolean'],
    [Array, 'array'],
  ];
  return types.find(([constructor]) => constructor === type)?.[1] ?? 'any';
}

function kindOfValue(value: unknown): PlainKind {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return typeof value as PlainKind;
  }
  return 'any';
}

const KIND_OF_RULE: Readonly<Record<string, PlainKind>> = {
  isArray: 'array',
  isBoolean: 'boolean',
  isInt: 'number',
  isNumber: 'number',
  isString: 'string',
  matches: 'string',
};

function kindOfRule({ name, each, constraints }: Rule): PlainKind | undefined {
  if (each) return 'array';
  if (name === 'isIn' && Array.isArray(constraints[0])) return kindOfValue(constraints[0][0]);
  return KIND_OF_RULE[name];
}
