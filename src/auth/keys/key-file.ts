import { readFileSync } from 'node:fs';

import { formatProblem, NestedList, Doc, ConfigRejection, readToml } from '../../config/index.js';
import { formatKey, type KeyPath, readShape } from '../../extension/index.js';
import { ApiKeyConfig } from '../section/api-key.shape.js';

/** What a file of API keys holds. */
class KeyFileShape {
  @Doc('API keys.')
  @NestedList(() => ApiKeyConfig)
  readonly apiKeys: readonly ApiKeyConfig[] = [];
}

/** The keys of a file, or what is wrong with it. No problem ever repeats what stands in the file. */
export interface KeyFile {
  readonly keys: readonly ApiKeyConfig[];
  readonly problems: readonly string[];
}

/** Reads a file of API keys at once: TOML, or JSON where it is called so. Never throws. */
export function readKeyFile(path: string): KeyFile {
  try {
    const text = readFileSync(path, 'utf8');
    const tree: unknown = path.endsWith('.json') ? JSON.parse(text) : readToml(text, path).tree;
    return read(Array.isArray(tree) ? { api_keys: tree } : tree);
  } catch (thrown) {
    return { keys: [], problems: [reasonOf(thrown)] };
  }
}

function read(tree: unknown): KeyFile {
  const problems: string[] = [];
  const problem = (path: KeyPath, message: string): void => void problems.push(`${formatKey(path)}: ${message}`);
  const { apiKeys } = readShape(KeyFileShape, tree, { problem, parseText: () => undefined }, { path: [] });
  return { keys: problems.length > 0 ? [] : apiKeys, problems };
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof ConfigRejection) {
    return thrown.problems
      .map(({ key, message, line, column }) => formatProblem({ key, message, line, column }))
      .join('; ');
  }
  if (thrown instanceof SyntaxError) return 'not JSON';
  return `cannot be read (${(thrown as NodeJS.ErrnoException).code ?? 'unknown'})`;
}
