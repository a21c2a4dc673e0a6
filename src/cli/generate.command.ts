import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { generatedFiles } from '../config/index.js';
import { SECTIONS } from '../sections.js';
import { EXIT, type ExitCode, type Terminal } from './terminal.js';

/** The generated files below a directory that are not what they would be if they were made now. */
export function staleFiles(root: string): readonly string[] {
  return [...generatedFiles(SECTIONS)]
    .filter(([file, text]) => textOf(join(root, file)) !== text)
    .map(([file]) => file);
}

/** Writes the generated files that are stale, or with `check` only names them and fails. */
export function generate(terminal: Terminal, { root, check }: { root: string; check: boolean }): ExitCode {
  const stale = staleFiles(root);
  if (check) {
    for (const file of stale) terminal.err(`${file} is stale; run: npm run generate`);
    return stale.length > 0 ? EXIT.failed : EXIT.ok;
  }
  const texts = generatedFiles(SECTIONS);
  for (const file of stale) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), texts.get(file)!);
    terminal.out(`wrote ${file}`);
  }
  return EXIT.ok;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
