import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';

import { UsageError } from '../usage-error.js';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** What is read, and how loudly. */
export interface ConfigFlags {
  readonly config: string | undefined;
  readonly mcpJson: string | undefined;
  readonly logLevel: string | undefined;
}

/** Flags of every command that reads the configuration. */
export const CONFIG_OPTIONS = {
  config: { type: 'string', short: 'c' },
  'mcp-json': { type: 'string' },
  'log-level': { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

/** The words and flags of a command, of which it takes just these. @throws UsageError */
export function readFlags<const Options extends ParseArgsOptionsConfig>(argv: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    // What follows the first sentence is advice about positional arguments.
    throw new UsageError(message.split('. ')[0], { cause: thrown });
  }
}

/** @throws UsageError */
export function configFlags(values: {
  readonly config?: string | undefined;
  readonly 'mcp-json'?: string | undefined;
  readonly 'log-level'?: string | undefined;
}): ConfigFlags {
  const { config, 'mcp-json': mcpJson, 'log-level': logLevel } = values;
  if (config !== undefined && mcpJson !== undefined) {
    throw new UsageError('--config and --mcp-json are two ways to say the same; use one');
  }
  if (logLevel !== undefined && !LOG_LEVELS.includes(logLevel)) {
    throw new UsageError(`unknown log level "${logLevel}"; known: ${LOG_LEVELS.join(', ')}`);
  }
  return { config, mcpJson, logLevel };
}

/** For commands that take no words. @throws UsageError */
export function noWords([first]: readonly string[]): void {
  if (first !== undefined) throw new UsageError(`unexpected argument "${first}"`);
}
