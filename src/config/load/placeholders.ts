import { readFileSync, statSync } from 'node:fs';

import { isTable, type KeyPath, OutsideText } from '../../extension/index.js';
import type { RawTable } from '../document/config-document.js';
import type { Environment } from './environment.js';

const PLACEHOLDER = /(\$)?\$\{([^}]*)\}/g;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MAX_SECRET_FILE_BYTES = 65_536;

/** What replacing placeholders needs to know, and whom it tells. */
export interface Replacing {
  readonly environment: Environment;
  problem(path: KeyPath, message: string): void;
  /** Told of every key that holds outside text, and of the text where it did not stand in the file itself. */
  secret(path: KeyPath, text: string | undefined): void;
}

/**
 * Replaces `${NAME}`, `${NAME:-default}` and `${file:/path}` in every string of a tree, in place; `$${`
 * stands for `${`. A file gives its text without the line end.
 */
export function replacePlaceholders(tree: RawTable, replacing: Replacing): void {
  walk(tree, [], replacing);
}

function walk(node: RawTable | unknown[], path: KeyPath, replacing: Replacing): void {
  const steps = Array.isArray(node) ? node.keys() : Object.keys(node);
  for (const step of steps) {
    const here = [...path, step];
    const value = (node as RawTable)[step];
    if (typeof value === 'string') {
      if (value.includes('${')) (node as RawTable)[step] = replaced(value, here, replacing);
    } else if (Array.isArray(value) || isTable(value)) {
      walk(value, here, replacing);
    }
  }
}

function replaced(text: string, path: KeyPath, replacing: Replacing): unknown {
  let outside = false;
  const result = text.replaceAll(PLACEHOLDER, (_, escape: string | undefined, inside: string) => {
    if (escape) return `\${${inside}}`;
    outside = true;
    return resolve(inside, path, replacing);
  });
  return outside ? new OutsideText(result, true) : result;
}

function resolve(inside: string, path: KeyPath, replacing: Replacing): string {
  if (inside.startsWith('file:')) return fromFile(inside.slice('file:'.length), path, replacing);
  const [name = '', ...rest] = inside.split(':-');
  if (!NAME.test(name)) {
    replacing.problem(path, 'a placeholder is ${NAME}, ${NAME:-default} or ${file:/path}; write $${ for a plain ${');
    return '';
  }
  const value = replacing.environment[name];
  if (value) return kept(value, path, replacing);
  replacing.secret(path, undefined);
  if (rest.length > 0) return rest.join(':-');
  if (value === undefined) replacing.problem(path, `the environment variable ${name} is not set`);
  return '';
}

function kept(text: string, path: KeyPath, replacing: Replacing): string {
  replacing.secret(path, text);
  return text;
}

function fromFile(file: string, path: KeyPath, replacing: Replacing): string {
  try {
    const facts = statSync(file);
    if (facts.isFile() && facts.size <= MAX_SECRET_FILE_BYTES) {
      return kept(readFileSync(file, 'utf8').replace(/\r?\n$/, ''), path, replacing);
    }
    replacing.problem(path, `the file ${file} is not a file of at most ${MAX_SECRET_FILE_BYTES} bytes`);
  } catch (thrown) {
    replacing.problem(path, `the file ${file} cannot be read (${(thrown as NodeJS.ErrnoException).code})`);
  }
  return '';
}
