import { formatDuration } from '../../core/duration.js';
import { type Field, fieldsOf, type Rule, rulesOf, type ShapeClass } from '../../extension/index.js';

/** A field with all that documents say about it. */
export type DescribedField = Field & {
  readonly rules: readonly Rule[];
  /** As it would be written in TOML: durations as `"30s"`. Undefined when there is no default. */
  readonly byDefault: unknown;
};

/** The fields of a shape with their defaults and rules. @throws TypeError for one without a sentence of its own */
export function describeShape(shape: ShapeClass): readonly DescribedField[] {
  const defaults = new shape() as Record<string, unknown>;
  return fieldsOf(shape).map((field) => {
    if (!field.doc) throw new TypeError(`${shape.name}.${field.property} lacks @Doc`);
    const value = defaults[field.property];
    const byDefault = field.kind === 'duration' && typeof value === 'number' ? formatDuration(value) : value;
    return { ...field, rules: rulesOf(shape, field.property), byDefault };
  });
}

/** The values a field may have, when they can be listed. */
export function choicesOf({ rules }: DescribedField): readonly unknown[] | undefined {
  const rule = rules.find(({ name }) => name === 'isIn' || name === 'isEnum');
  const [choices] = rule?.constraints ?? [];
  if (typeof choices !== 'object' || choices === null) return undefined;
  return Array.isArray(choices) ? (choices as readonly unknown[]) : Object.values(choices);
}
