import type { KeyPath } from '../../extension/index.js';
import { ConfigRejection } from '../problem.js';
import type { Position, Positions } from './positions.js';

/** A table as it was written; made without a prototype, so that every key in it was written by somebody. */
export interface RawTable {
  [key: string]: unknown;
}

/** What a source was found to say, before anything is checked. The tree belongs to whoever reads it next. */
export interface ConfigDocument {
  /** What problems call it. */
  readonly file: string;
  readonly tree: RawTable;
  readonly positions: Positions;
}

/** Makes a document of a text. @throws ConfigRejection where it cannot be parsed */
export type ConfigFormat = (text: string, file: string) => ConfigDocument;

export function emptyTable(): RawTable {
  return Object.create(null) as RawTable;
}

/** What stands at a path, or undefined. */
export function valueAt(tree: RawTable, path: KeyPath): unknown {
  let value: unknown = tree;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as RawTable)[step];
  }
  return value;
}

/** A document that could not be parsed at all. */
export function unreadable(file: string, message: string, at: Partial<Position> = {}): ConfigRejection {
  return new ConfigRejection([{ file, line: at.line, column: at.column, key: '', message }]);
}
