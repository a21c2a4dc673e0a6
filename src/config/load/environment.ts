import { fieldsOf, isTable, type KeyPath, OutsideText, type ShapeClass } from '../../extension/index.js';
import { emptyTable, type RawTable } from '../document/config-document.js';
import type { SectionNode } from '../section-tree.js';

/** `process.env`, or what a test says instead. */
export type Environment = Readonly<Record<string, string | undefined>>;

const PREFIX = 'MCP_GATEWAY__';

/** Short names for the keys that are overridden most. */
export const NAMED_VARIABLES: Readonly<Record<string, readonly string[]>> = {
  MCP_GATEWAY_HOST: ['server', 'host'],
  MCP_GATEWAY_PORT: ['server', 'port'],
  MCP_GATEWAY_LOG_LEVEL: ['logging', 'level'],
  MCP_GATEWAY_JWT_SECRET: ['security', 'auth', 'jwt_secret'],
};

/** What laying the environment over a tree needs to know, and whom it tells. */
export interface Overriding {
  readonly sections: SectionNode;
  problem(variable: string, path: KeyPath, message: string): void;
  /** Told of every key that now comes from a variable. */
  origin(path: KeyPath, variable: string): void;
}

/**
 * Lays `MCP_GATEWAY_HOST`, `_PORT`, `_LOG_LEVEL` and `MCP_GATEWAY__SECTION__KEY` over a tree, in place. An
 * empty variable counts as unset.
 *
 * Steps are parted by two underscores, in any case. A free name (a group) is found whatever its case and
 * with `_` for `-`; a name that is new is made lower-case, with `-` for `_`. An element of an array is its
 * number from 0. What follows the name of a table of strings is taken as it is written.
 */
export function overrideFromEnvironment(tree: RawTable, environment: Environment, overriding: Overriding): void {
  for (const [variable, text] of Object.entries(environment)) {
    if (!text) continue;
    const path = Object.hasOwn(NAMED_VARIABLES, variable) ? NAMED_VARIABLES[variable] : undefined;
    if (path && !isServiceLink(text)) put(tree, path, { variable, text, overriding });
    if (!variable.startsWith(PREFIX)) continue;
    const steps = variable.slice(PREFIX.length).split('__');
    if (steps.includes('')) overriding.problem(variable, [], 'steps are parted by exactly two underscores');
    else put(tree, pathOf(steps, overriding.sections, tree), { variable, text, overriding });
  }
}

/** Kubernetes sets `MCP_GATEWAY_PORT=tcp://…` in every pod beside a service called mcp-gateway. */
function isServiceLink(text: string): boolean {
  return /^(tcp|udp|sctp):\/\//.test(text);
}

interface Override {
  readonly variable: string;
  readonly text: string;
  readonly overriding: Overriding;
}

function put(tree: RawTable, path: KeyPath, { variable, text, overriding }: Override): void {
  let node: RawTable = tree;
  for (const [index, step] of path.entries()) {
    const here = path.slice(0, index + 1);
    if (index === path.length - 1) {
      node[step] = new OutsideText(text, false);
      overriding.origin(here, variable);
      return;
    }
    if (node[step] === undefined) {
      node[step] = typeof path[index + 1] === 'number' ? [] : emptyTable();
      overriding.origin(here, variable);
    }
    const next = node[step];
    const nextStep = path[index + 1];
    const fits = typeof nextStep === 'number' ? Array.isArray(next) && nextStep <= next.length : isTable(next);
    if (!fits) {
      overriding.problem(variable, here, Array.isArray(next) ? 'has no element of that number' : 'is not a table');
      return;
    }
    node = next as RawTable;
  }
}

/** Follows the sections as far as they are known; the rest is written as it comes, and found unknown later. */
function pathOf(steps: readonly string[], sections: SectionNode, tree: RawTable): KeyPath {
  const path: string[] = [];
  let node = sections;
  for (const [index, step] of steps.entries()) {
    const name = step.toLowerCase();
    const next = node.children.get(name);
    if (!next) {
      const rest = steps.slice(index);
      if (!node.section) return [...path, ...rest.map((one) => one.toLowerCase())];
      const raw = path.reduce<unknown>((value, key) => memberOf(value, key), tree);
      return [...path, ...pathInShape(rest, node.section, raw)];
    }
    path.push(name);
    node = next;
  }
  return path;
}

function pathInShape([first, ...rest]: readonly string[], shape: ShapeClass, raw: unknown): KeyPath {
  if (first === undefined) return [];
  const key = first.toLowerCase();
  const field = fieldsOf(shape).find((one) => one.key === key);
  const [second, ...further] = rest;
  const inner = memberOf(raw, key);
  if (!field || second === undefined) return [key, ...rest.map((step) => step.toLowerCase())];
  switch (field.kind) {
    case 'table':
      return [key, ...pathInShape(rest, field.shape(), inner)];
    case 'map': {
      const name = existingName(second, inner);
      return [key, name, ...pathInShape(further, field.shape(), memberOf(inner, name))];
    }
    case 'list': {
      const index = /^\d{1,6}$/.test(second) ? Number(second) : second;
      return [key, index, ...pathInShape(further, field.shape(), memberOf(inner, index))];
    }
    case 'string_map':
      return [key, rest.join('__')];
    case 'array':
      return [key, /^\d{1,6}$/.test(second) ? Number(second) : second];
    case 'string':
    case 'count':
    case 'number':
    case 'boolean':
    case 'duration':
    case 'any':
      break;
  }
  return [key, ...rest];
}

/** The name in the file that a step means, or else the name a new one gets. */
function existingName(step: string, raw: unknown): string {
  const wanted = step.toLowerCase().replaceAll('_', '-');
  const names = isTable(raw) ? Object.keys(raw) : [];
  return names.find((name) => name.toLowerCase().replaceAll('_', '-') === wanted) ?? wanted;
}

function memberOf(value: unknown, step: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
  return (value as Record<string | number, unknown>)[step];
}
