import { type ASTNode, Environment, ParseError, serialize } from '@marcbachmann/cel-js';

import { Glob } from '../../core/glob.js';

/** What expressions can speak of. */
export const VARIABLES = ['principal', 'tool', 'target', 'arguments', 'request'] as const;
export type Variable = (typeof VARIABLES)[number];

/** What an expression is evaluated over. Variables that it does not mention may be missing. */
export type Scope = Partial<Record<Variable, unknown>>;

/** An expression that cannot be used, and why. */
export class ExpressionError extends Error {}

/** Bounds of one expression: what is beyond them does not parse. */
const LIMITS = { maxAstNodes: 500, maxDepth: 32, maxListElements: 200, maxMapEntries: 100, maxCallArguments: 16 };

const environment = new Environment({
  homogeneousAggregateLiterals: false,
  enableOptionalTypes: true,
  limits: LIMITS,
});
for (const name of VARIABLES) environment.registerVariable(name, 'map<string, dyn>');

/** The patterns of expressions are few and their own; but one may also be made of what a caller sent. */
const globs = new Map<string, Glob>();
const MAX_GLOBS = 1_000;

environment.registerFunction('glob(string, string): bool', (text: string, pattern: string) => {
  const glob = globs.get(pattern) ?? new Glob(pattern);
  if (globs.size < MAX_GLOBS && pattern.length <= 512) globs.set(pattern, glob);
  return glob.matches(text);
});

/** A CEL expression, or one of the conditions that it joins by `&&`. */
export interface Expression {
  readonly node: ASTNode;
  /** @throws whatever goes wrong: a key that is not there, types that do not fit */
  evaluate(scope: Scope): unknown;
}

/** Parses an expression and checks its types. @throws ExpressionError */
export function parseExpression(source: string): Expression {
  try {
    const parsed = environment.parse(source);
    const { valid, type = 'dyn', error } = parsed.check();
    if (!valid) throw new ExpressionError(error ? summary(error) : 'does not fit together');
    if (type !== 'bool' && type !== 'dyn') throw new ExpressionError(`gives ${type}, and has to give bool`);
    return { node: parsed.ast, evaluate: (scope) => parsed(scope) as unknown };
  } catch (thrown) {
    if (thrown instanceof ParseError) throw new ExpressionError(summary(thrown), { cause: thrown });
    throw thrown;
  }
}

/** A part of an expression as text again. */
export function sourceOf(node: ASTNode): string {
  return serialize(node);
}

/** Without the picture of the place, which has several lines. */
function summary(error: Error): string {
  return error.message.split('\n', 1)[0] ?? error.message;
}
