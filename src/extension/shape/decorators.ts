import { declareField } from './field.js';
import type { ShapeClass } from './shape-class.js';

/** A timer of Node can wait for 24.8 days; asked for longer, it fires at once. */
const MAX_DURATION_MS = 24 * 86_400_000;

/**
 * Says in one sentence what a key is for: it stands in the schema, the example file and the reference.
 *
 * @param extra.example shown in the example file where the key has no default
 */
export function Doc(sentence: string, extra: { example?: string | number | boolean } = {}): PropertyDecorator {
  return (prototype, property) => declareField(prototype, String(property), { doc: sentence, example: extra.example });
}

/**
 * A time: written as `"30s"`, `"250ms"` or a bare number of seconds, held as milliseconds.
 *
 * @param bounds in milliseconds; without a `max` no more than the 24 days that a timer can wait, so one that is larger
 * is for times that no timer waits for
 */
export function IsDuration(bounds: { min?: number; max?: number } = {}): PropertyDecorator {
  const { min = 0, max = MAX_DURATION_MS } = bounds;
  return (prototype, property) => declareField(prototype, String(property), { kind: { kind: 'duration', min, max } });
}

/** A whole number, or one word instead of it. */
export function CountOr(word: string, { min, max }: { min: number; max: number }): PropertyDecorator {
  return (prototype, property) =>
    declareField(prototype, String(property), { kind: { kind: 'count', word, min, max } });
}

/** A table of its own: `[section.key]`. The default of the property is where reading starts from. */
export function Nested(shape: () => ShapeClass): PropertyDecorator {
  return (prototype, property) => declareField(prototype, String(property), { kind: { kind: 'table', shape } });
}

/**
 * Tables with free names: `[section.key.NAME]`. The names are kept as they are written.
 *
 * @param options.names what a name must match
 */
export function NestedMap(shape: () => ShapeClass, options: { names?: RegExp } = {}): PropertyDecorator {
  return (prototype, property) =>
    declareField(prototype, String(property), { kind: { kind: 'map', shape, names: options.names } });
}

/** An array of tables: `[[section.key]]`. */
export function NestedList(shape: () => ShapeClass): PropertyDecorator {
  return (prototype, property) => declareField(prototype, String(property), { kind: { kind: 'list', shape } });
}

/** Free names with a string each, such as environment variables. Both are kept as they are written. */
export function StringMap(): PropertyDecorator {
  return (prototype, property) => declareField(prototype, String(property), { kind: { kind: 'string_map' } });
}
