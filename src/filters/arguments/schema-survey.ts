import type { JsonValue } from '../../core/json.js';
import { isPlainPattern } from './plain-pattern.js';

/** What a schema may consist of at most. Two levels of JSON are one of schemas. */
const MOST = { bytes: 256 * 1_024, levels: 48, objects: 4_000 };
/** UTF-16 units of a regular expression: nothing stops the making of one. */
const LONGEST_PATTERN = 4_096;

/** Words with which judging may take longer than arguments are long. */
const COSTLY: ReadonlySet<string> = new Set([
  '$ref',
  '$dynamicRef',
  '$recursiveRef',
  'uniqueItems',
  'patternProperties',
  'propertyNames',
]);

/** What is known of a schema before anything is made of it. */
export interface SchemaSurvey {
  /** Why it cannot be used; undefined when it may be. */
  readonly problem: string | undefined;
  /** Everything in it, down to single words and numbers. */
  readonly values: number;
  /** Whether to judge by it takes no longer than the arguments and the schema are long. */
  readonly isPlain: boolean;
  /** Whether it has formats, which are plain for short texts. */
  readonly hasFormats: boolean;
}

/** Looks at all of a schema once. */
export function surveySchema(schema: JsonValue, bytes: number): SchemaSurvey {
  const survey = new Survey();
  const problem = bytes > MOST.bytes ? 'it is too long' : survey.look(schema, 1);
  return { problem, values: survey.values, isPlain: survey.isPlain, hasFormats: survey.hasFormats };
}

class Survey {
  values = 0;
  private objects = 0;
  isPlain = true;
  hasFormats = false;

  look(value: JsonValue | undefined, level: number): string | undefined {
    this.values++;
    if (typeof value !== 'object' || value === null) return undefined;
    if (level > MOST.levels) return 'it is too deep';
    if (Array.isArray(value)) {
      for (const item of value) {
        const problem = this.look(item, level + 1);
        if (problem) return problem;
      }
      return undefined;
    }
    if (++this.objects > MOST.objects) return 'it is too large';
    for (const [key, inner] of Object.entries(value)) {
      if (isLongPattern(key, inner)) return 'it is too large';
      this.note(key, inner);
      const problem = this.look(inner, level + 1);
      if (problem) return problem;
    }
    return undefined;
  }

  /** A property may have the name of a word: then it is only looked at more closely than it needs. */
  private note(word: string, value: JsonValue | undefined): void {
    if (COSTLY.has(word) && value !== false) this.isPlain = false;
    if (word === 'pattern' && !(typeof value === 'string' && isPlainPattern(value))) this.isPlain = false;
    if (word === 'format') this.hasFormats = true;
  }
}

/** Names may be patterns as well. */
function isLongPattern(word: string, value: JsonValue | undefined): boolean {
  if (word.length > LONGEST_PATTERN) return true;
  return word === 'pattern' && typeof value === 'string' && value.length > LONGEST_PATTERN;
}
