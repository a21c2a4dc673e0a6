import { UsageError } from '../usage-error.js';
import { readFlags } from './flags.js';

export interface AuditFlags {
  readonly files: readonly string[];
  readonly keyFile: string | undefined;
  /** The hash of a last line that was noted before: what was cut off since shows by it. */
  readonly lastHash: string | undefined;
}

const OPTIONS = { 'key-file': { type: 'string' }, 'last-hash': { type: 'string' } } as const;

/** @throws UsageError */
export function auditLine(argv: readonly string[]): AuditFlags & { readonly command: 'audit' } {
  const { values, positionals } = readFlags(argv, OPTIONS);
  const [what, ...files] = positionals;
  const { 'key-file': keyFile, 'last-hash': lastHash } = values;
  if (what !== 'verify') throw new UsageError('audit can be asked to: verify FILE…');
  if (files.length === 0) throw new UsageError('audit verify needs the files of the audit log');
  if (lastHash !== undefined && !/^[0-9a-f]{64}$/.test(lastHash)) {
    throw new UsageError('--last-hash is 64 hexadecimal digits');
  }
  return { command: 'audit', files, keyFile, lastHash };
}
