import { getMetadataStorage, validateSync } from 'class-validator';

import type { ShapeClass } from './shape-class.js';

/** One class-validator decorator of a property. */
export interface Rule {
  /** As class-validator names it: `isInt`, `min`, `matches`. */
  readonly name: string;
  readonly constraints: readonly unknown[];
  /** Whether it is about the elements of an array. */
  readonly each: boolean;
}

/** What class-validator knows of a property, for schemas and references. */
export function rulesOf(shape: ShapeClass, property: string): readonly Rule[] {
  return getMetadataStorage()
    .getTargetValidationMetadatas(shape, '', false, false)
    .filter((rule) => rule.propertyName === property)
    .map(({ name, type, constraints, each }) => ({ name: name ?? type, constraints: constraints ?? [], each }));
}

/** What the decorators of class-validator have against an instance: a sentence without subject for each property. */
export function brokenRules(instance: object, properties: ReadonlySet<string>): ReadonlyMap<string, string> {
  const broken = new Map<string, string>();
  for (const { property, constraints, value } of validateSync(instance, { forbidUnknownValues: false })) {
    if (!constraints || !properties.has(property)) continue;
    const sentences = Object.values(constraints).map((sentence) => withoutSubject(sentence, property));
    broken.set(property, value === undefined ? 'is required' : sentences.join('; '));
  }
  return broken;
}

function withoutSubject(sentence: string, property: string): string {
  if (sentence.startsWith(`${property} `)) return sentence.slice(property.length + 1);
  return sentence.replace(`each value in ${property} `, 'each value ');
}
