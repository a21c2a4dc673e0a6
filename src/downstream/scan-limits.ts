import { revisionOf, type ScanLimits } from '../protocol/index.js';
import type { ServerSection } from './server.section.js';

/** What is taken from a downstream of a revision; one that has not introduced itself has none. */
export function scanLimits({
  maxBodyBytes,
  maxDepth,
  maxKeys,
}: Pick<ServerSection, 'maxBodyBytes' | 'maxDepth' | 'maxKeys'>): (revision: string | undefined) => ScanLimits {
  const single: ScanLimits = { maxBytes: maxBodyBytes, maxDepth, maxKeys, batch: false };
  const batching: ScanLimits = { ...single, batch: true };
  return (revision) => (revision !== undefined && revisionOf(revision)?.batches ? batching : single);
}
