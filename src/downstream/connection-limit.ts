import { readFileSync } from 'node:fs';

import type { ServerSection } from './server.section.js';

/** Open files that are left for servers, children, logs and whatever else is no client. */
const RESERVED_FILES = 512;

/**
 * How many downstream connections there is room for: what is configured, but never so many that none of the files
 * that this process may have open is left for anything else.
 *
 * @param openFiles how many those are
 */
export function connectionLimit(
  { maxConnections }: Pick<ServerSection, 'maxConnections'>,
  openFiles: number = openFilesLimit(),
): number {
  return Math.min(maxConnections, Math.max(openFiles - RESERVED_FILES, Math.floor(openFiles / 2)));
}

/** `RLIMIT_NOFILE` of this process as it stands now. Infinite where there is none, or the system does not tell. */
function openFilesLimit(): number {
  try {
    return Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? Infinity);
  } catch {
    return Infinity;
  }
}
