import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** One text for what stands in some files, and another when anything else does. A file that cannot be read holds nothing. */
export function contentsOf(files: readonly string[]): string {
  if (files.length === 0) return '';
  const hash = createHash('sha256');
  for (const file of new Set(files)) hash.update(JSON.stringify([file, digestOf(file)]));
  return hash.digest('base64url');
}

function digestOf(file: string): string | undefined {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('base64url');
  } catch {
    return undefined;
  }
}
