import type { ASTNode } from '@marcbachmann/cel-js';

import { ExpressionError, VARIABLES, type Variable } from './expression.js';

/** A variable that an expression mentions, and the members that it reads of it: `principal.claims.team`. */
export type Reference = readonly [variable: Variable, ...members: string[]];

/** What goes through a list, evaluating something for each element. */
const LOOPS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'existsOne', 'map', 'filter']);

/** Everything that an expression reads, as precisely as it says so. */
export function referencesOf(node: ASTNode): Reference[] {
  const found: Reference[] = [];
  visit(node, found);
  return found;
}

/**
 * Refuses what costs more than its operands are long: text is matched by `glob`, and of what a caller sent one list
 * is gone through for itself, never for each element of another.
 *
 * @throws ExpressionError
 */
export function checkCost(node: ASTNode, depth = 0): void {
  if (node.op === 'rcall') {
    const [name, receiver] = node.args;
    if (name === 'matches') throw new ExpressionError('regular expressions are not available; use glob(text, "a*b")');
    if (name === 'bind') throw new ExpressionError('cel.bind is not available');
    if (LOOPS.has(name)) {
      if (depth > 1) throw new ExpressionError('lists are gone through at most two deep');
      if (depth > 0 && referencesOf(receiver).some(([variable]) => variable === 'arguments')) {
        throw new ExpressionError('arguments are not gone through for each element of another list');
      }
      checkCost(receiver, depth);
      for (const child of childrenOf(node)) if (child !== receiver) checkCost(child, depth + 1);
      return;
    }
  }
  for (const child of childrenOf(node)) checkCost(child, depth);
}

/** The conditions that are all to be true: those of an `&&`, or the one that there is. */
export function conjunctsOf(node: ASTNode): ASTNode[] {
  return node.op === '&&' ? [...conjunctsOf(node.args[0]), ...conjunctsOf(node.args[1])] : [node];
}

function visit(node: ASTNode, found: Reference[]): void {
  const path = pathOf(node);
  if (path) return void found.push(path);
  for (const child of childrenOf(node)) visit(child, found);
}

/** The reference that a node is as a whole. */
function pathOf(node: ASTNode): Reference | undefined {
  if (node.op === 'id') return isVariable(node.args) ? [node.args] : undefined;
  const member = memberOf(node);
  if (member === undefined) return undefined;
  const [owner] = node.args as [ASTNode, unknown];
  const path = pathOf(owner);
  return path && [...path, member];
}

function memberOf(node: ASTNode): string | undefined {
  if (node.op === '.') return node.args[1];
  if (node.op !== '[]') return undefined;
  const [, index] = node.args;
  return index.op === 'value' && typeof index.args === 'string' ? index.args : undefined;
}

function isVariable(name: string): name is Variable {
  return VARIABLES.some((variable) => variable === name);
}

/** Operands of a node, whatever its operator calls them. */
function childrenOf({ args }: ASTNode): ASTNode[] {
  const children: ASTNode[] = [];
  const gather = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) gather(each);
    else if (isNode(value)) children.push(value);
  };
  gather(args);
  return children;
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}
