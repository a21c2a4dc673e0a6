import type { ErrorObject } from 'ajv';

import type { JsonObject } from '../../core/json.js';

/** Problems that are told at most. */
const MOST = 8;
const LONGEST_PATH = 256;
const LONGEST_MESSAGE = 200;

/** What is wrong with the arguments of a call. Says nothing of their values, only where they stand. */
export interface ArgumentProblem extends JsonObject {
  /** JSON Pointer into the arguments; empty for all of them. */
  readonly at: string;
  /** The word of the schema that is not kept. */
  readonly rule: string;
  /** What the schema asks for. */
  readonly message: string;
}

/** Arguments that nobody can be sure what they say. */
export const TWINS: ArgumentProblem = { at: '', rule: 'duplicateKey', message: 'a key must not stand twice' };

/** Arguments that would take too long to judge. */
export const TOO_COSTLY: ArgumentProblem = { at: '', rule: 'cost', message: 'must be simpler to be judged in time' };

export function argumentProblems(errors: readonly ErrorObject[]): ArgumentProblem[] {
  return errors.slice(0, MOST).map(({ instancePath, keyword, params, message = '' }) => {
    const { missingProperty, additionalProperty, unevaluatedProperty } = params as Record<string, unknown>;
    const member = missingProperty ?? additionalProperty ?? unevaluatedProperty;
    const at = typeof member === 'string' ? `${instancePath}/${escaped(member)}` : instancePath;
    return { at: cut(at, LONGEST_PATH), rule: keyword, message: cut(message, LONGEST_MESSAGE) };
  });
}

/** Whether nobody knows more than that it would take too long. */
export function isTooCostly([problem]: readonly ArgumentProblem[]): boolean {
  return problem === TOO_COSTLY;
}

/** The problems in a sentence for whoever wrote the arguments, which may be a model. */
export function sentenceOf(problems: readonly ArgumentProblem[]): string {
  const parts = problems.map(({ at, message }) => `${at === '' ? 'the arguments' : at} ${message}`);
  return `Invalid arguments: ${parts.join('; ')}`;
}

function escaped(member: string): string {
  return member.replaceAll('~', '~0').replaceAll('/', '~1');
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}…`;
}
