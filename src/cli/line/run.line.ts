import { CONFIG_OPTIONS, configFlags, type ConfigFlags, noWords, readFlags } from './flags.js';

export interface RunFlags extends ConfigFlags {
  readonly dev: boolean;
  readonly validate: boolean;
}

const OPTIONS = {
  ...CONFIG_OPTIONS,
  validate: { type: 'boolean', default: false },
  dev: { type: 'boolean', default: false },
} as const;

/** @throws UsageError */
export function runLine(argv: readonly string[]): RunFlags & { readonly command: 'run' } {
  const { values, positionals } = readFlags(argv, OPTIONS);
  noWords(positionals);
  return { command: 'run', ...configFlags(values), dev: values.dev, validate: values.validate };
}
