import { isDeepStrictEqual } from 'node:util';

import { ExpressionError, parseExpression, sourceOf, type Expression, type Scope } from './expression.js';
import { checkCost, conjunctsOf, referencesOf, type Reference } from './references.js';

/** When it is known whether a term of a condition is true. */
export type Moment =
  /** As soon as it is known who asks, on which route. */
  | 'principal'
  /** As soon as it is known what is asked for: when it is listed. */
  | 'target'
  /** Only with the call. */
  | 'call';

/** What is known of a target that its server never described. */
const IDENTITY: ReadonlySet<string | undefined> = new Set(['kind', 'name', 'group']);

/** One of the conditions that `when` joins by `&&`. */
export interface Term {
  readonly moment: Moment;
  readonly references: readonly Reference[];
  /** It speaks of `tool`: nothing else can fulfil it. */
  readonly ofTools: boolean;
  /** It reads what the server says of the thing. */
  readonly needsDefinition: boolean;
  readonly needsArguments: boolean;
  /** @throws whatever goes wrong */
  evaluate(scope: Scope): unknown;
}

/** What `when` of a rule says, taken apart by when each part can be decided. @throws ExpressionError */
export function parseCondition(source: string): readonly Term[] {
  const whole = parseExpression(source);
  checkCost(whole.node);
  const nodes = conjunctsOf(whole.node);
  if (nodes.length === 1) return [term(whole)];
  const parts = nodes.map((node) => parseExpression(sourceOf(node)));
  // What did not survive being written and read again is decided as a whole.
  const isSame = parts.every(({ node }, index) => {
    return isDeepStrictEqual(node.toOldStructure(), nodes[index]?.toOldStructure());
  });
  return isSame ? parts.map(term) : [term(whole)];
}

/** Why `when` cannot be used. Undefined where it can. */
export function problemOf(source: string): string | undefined {
  try {
    parseCondition(source);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof ExpressionError) return thrown.message;
    throw thrown;
  }
}

function term({ node, evaluate }: Expression): Term {
  const references = referencesOf(node);
  const aims = references.filter(([variable]) => variable === 'tool' || variable === 'target');
  return {
    moment: momentOf(references),
    references,
    ofTools: aims.some(([variable]) => variable === 'tool'),
    needsDefinition: aims.some(([, member]) => !IDENTITY.has(member)),
    needsArguments: references.some(([variable]) => variable === 'arguments'),
    evaluate,
  };
}

function momentOf(references: readonly Reference[]): Moment {
  const isLate = ([variable, member]: Reference): boolean =>
    variable === 'arguments' || (variable === 'request' && member !== 'route');
  if (references.some(isLate)) return 'call';
  return references.some(([variable]) => variable === 'tool' || variable === 'target') ? 'target' : 'principal';
}
