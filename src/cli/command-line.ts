import { parseArgs } from 'node:util';

/** What was asked for. */
export type CommandLine =
  | { readonly command: 'help' | 'version' | 'schema' }
  | { readonly command: 'generate'; readonly check: boolean }
  | { readonly command: 'keys new'; readonly name: string }
  | { readonly command: 'keys hash'; readonly scrypt: boolean }
  | ({ readonly command: 'lock' } & LockFlags)
  | ({ readonly command: 'run' } & RunFlags);

/** What is read, and how loudly. */
export interface ConfigFlags {
  readonly config: string | undefined;
  readonly mcpJson: string | undefined;
  readonly logLevel: string | undefined;
}

export interface LockFlags extends ConfigFlags {
  readonly approve: boolean;
  /** `GROUP` or `GROUP/TOOL`; none for everything. */
  readonly wanted: readonly string[];
  readonly json: boolean;
}

export interface RunFlags extends ConfigFlags {
  readonly dev: boolean;
  readonly validate: boolean;
}

/** A command line that means nothing. The message is for the person who typed it. */
export class UsageError extends Error {}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  'mcp-json': { type: 'string' },
  'log-level': { type: 'string' },
  validate: { type: 'boolean', default: false },
  dev: { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
  scrypt: { type: 'boolean', default: false },
  approve: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', short: 'v', default: false },
} as const;

/** @throws UsageError */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const { values, positionals } = parsed(argv);
  if (values.help) return { command: 'help' };
  if (values.version) return { command: 'version' };
  const [command = 'run', ...rest] = positionals;
  if (command === 'keys') return keysLine(rest, values.scrypt);
  if (values.scrypt) throw new UsageError('--scrypt belongs to keys hash');
  if (rest.length > 0 && !(command === 'lock' && values.approve)) {
    throw new UsageError(`unexpected argument "${rest[0]}"`);
  }
  if (values.check && command !== 'generate') throw new UsageError('--check belongs to generate');
  if (command !== 'lock' && (values.approve || values.json)) {
    throw new UsageError(`--${values.approve ? 'approve' : 'json'} belongs to lock`);
  }
  if (command === 'schema') return { command };
  if (command === 'generate') return { command, check: values.check };
  if (command === 'lock') {
    return { command, ...configFlags(values), approve: values.approve, wanted: rest, json: values.json };
  }
  if (command !== 'run') throw new UsageError(`unknown command "${command}"; known: run, keys, lock, schema, generate`);
  return { command, ...configFlags(values), dev: values.dev, validate: values.validate };
}

function configFlags(values: ReturnType<typeof parsed>['values']): ConfigFlags {
  if (values.config !== undefined && values['mcp-json'] !== undefined) {
    throw new UsageError('--config and --mcp-json are two ways to say the same; use one');
  }
  return { config: values.config, mcpJson: values['mcp-json'], logLevel: knownLevel(values['log-level']) };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    // What follows the first sentence is advice about positional arguments.
    throw new UsageError(message.split('. ')[0], { cause: thrown });
  }
}

function keysLine([action, name, ...rest]: readonly string[], scrypt: boolean): CommandLine {
  if (action === 'hash' && name === undefined) return { command: 'keys hash', scrypt };
  if (action !== 'new' || name === undefined || rest.length > 0 || scrypt) {
    throw new UsageError('keys is used like this: keys new NAME, keys hash [--scrypt]');
  }
  if (!/^[\w.@:/-]{1,128}$/.test(name)) throw new UsageError('a name has letters, digits and . _ @ : / - only');
  return { command: 'keys new', name };
}

function knownLevel(level: string | undefined): string | undefined {
  if (level === undefined || LOG_LEVELS.includes(level)) return level;
  throw new UsageError(`unknown log level "${level}"; known: ${LOG_LEVELS.join(', ')}`);
}
