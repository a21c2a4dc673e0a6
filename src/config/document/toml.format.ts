import compiler from 'toml/lib/compiler.js';
import parser, { type TomlAssignment, type TomlNode, type TomlValue } from 'toml/lib/parser.js';

import type { KeyPath } from '../../extension/index.js';
import { type ConfigDocument, unreadable } from './config-document.js';
import { type Position, Positions } from './positions.js';

const MAX_DEPTH = 64;

/** Reads TOML 1.1. @throws ConfigRejection with the place of the first syntax error */
export function readToml(text: string, file: string): ConfigDocument {
  try {
    const nodes = parser.parse(text, { maxDepth: MAX_DEPTH });
    const tree = compiler.compile(nodes, text);
    return { file, tree, positions: positionsOf(nodes, text) };
  } catch (thrown) {
    throw unreadable(file, oneLine(thrown), placeOf(thrown));
  }
}

/** The value that a text stands for in TOML, or undefined when it is none. */
export function parseTomlValue(text: string): unknown {
  if (/[\r\n]/.test(text)) return undefined;
  try {
    const source = `value = ${text}`;
    const { value, ...others } = compiler.compile(parser.parse(source, { maxDepth: MAX_DEPTH }), source);
    return Object.keys(others).length === 0 ? value : undefined;
  } catch {
    return undefined;
  }
}

function oneLine(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : 'not TOML';
  const found = /but (.+) found\.$/s.exec(message)?.[1];
  // The parser lists every character that would have been possible.
  return found ? `not TOML: ${found} is not expected here` : message.replace(/\.$/, '');
}

/** A syntax error has a location; what is well formed and still wrong has a line and a column. */
function placeOf(thrown: unknown): Partial<Position> {
  const { location, line, column } = thrown as { location?: { start: Position } } & Partial<Position>;
  return location?.start ?? { ...(line && { line }), ...(column && { column }) };
}

function positionsOf(nodes: readonly TomlNode[], text: string): Positions {
  const walk = new Walk(new Positions(text));
  for (const node of nodes) walk.visit(node);
  return walk.positions;
}

/** Follows the headers and assignments of a file the way their meaning does. */
class Walk {
  private readonly lengths = new Map<string, number>();
  private table: KeyPath = [];

  constructor(readonly positions: Positions) {}

  visit(node: TomlNode): void {
    if ('key' in node) {
      this.assign(this.table, node);
      return;
    }
    const path = this.resolve(node.value);
    if (node.type === 'ArrayPath') {
      const key = JSON.stringify(path);
      const index = this.lengths.get(key) ?? 0;
      this.lengths.set(key, index + 1);
      this.positions.note(path, node.offset);
      this.table = [...path, index];
    } else {
      this.table = path;
    }
    this.positions.note(this.table, node.offset);
  }

  private assign(table: KeyPath, { key, value, offset }: TomlAssignment): void {
    let path = table;
    for (const step of key) {
      path = [...path, step];
      this.positions.note(path, offset);
    }
    this.value(path, value);
  }

  private value(path: KeyPath, node: TomlValue): void {
    if (node.type === 'InlineTable') {
      for (const assignment of node.value) this.assign(path, assignment);
    } else if (node.type === 'Array') {
      for (const [index, item] of node.value.entries()) {
        this.positions.note([...path, index], item.offset);
        this.value([...path, index], item);
      }
    }
  }

  /** A header that goes through an array of tables means its last table. */
  private resolve(names: readonly string[]): KeyPath {
    let path: KeyPath = [];
    for (const [index, name] of names.entries()) {
      path = [...path, name];
      const length = this.lengths.get(JSON.stringify(path));
      if (length !== undefined && index < names.length - 1) path = [...path, length - 1];
    }
    return path;
  }
}
