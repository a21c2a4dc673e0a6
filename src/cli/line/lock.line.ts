import { CONFIG_OPTIONS, configFlags, type ConfigFlags, noWords, readFlags } from './flags.js';

export interface LockFlags extends ConfigFlags {
  readonly approve: boolean;
  /** `GROUP` or `GROUP/TOOL`; none for everything. */
  readonly wanted: readonly string[];
  readonly json: boolean;
}

const OPTIONS = {
  ...CONFIG_OPTIONS,
  approve: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** @throws UsageError */
export function lockLine(argv: readonly string[]): LockFlags & { readonly command: 'lock' } {
  const { values, positionals: wanted } = readFlags(argv, OPTIONS);
  const { approve, json } = values;
  if (!approve) noWords(wanted);
  return { command: 'lock', ...configFlags(values), approve, wanted, json };
}
