import { auditLine, type AuditFlags } from './line/audit.line.js';
import { explainLine, type ExplainFlags } from './line/explain.line.js';
import { noWords, readFlags } from './line/flags.js';
import { type KeysLine, keysLine } from './line/keys.line.js';
import { lockLine, type LockFlags } from './line/lock.line.js';
import { runLine, type RunFlags } from './line/run.line.js';
import { UsageError } from './usage-error.js';

/** What was asked for. */
export type CommandLine =
  | { readonly command: 'help' | 'version' | 'schema' }
  | { readonly command: 'generate'; readonly check: boolean }
  | KeysLine
  | (ExplainFlags & { readonly command: 'explain' })
  | (AuditFlags & { readonly command: 'audit' })
  | (LockFlags & { readonly command: 'lock' })
  | (RunFlags & { readonly command: 'run' });

/** How each command reads what stands behind its name. */
const COMMANDS: ReadonlyMap<string, (argv: readonly string[]) => CommandLine> = new Map<
  string,
  (argv: readonly string[]) => CommandLine
>([
  ['run', runLine],
  ['lock', lockLine],
  ['keys', keysLine],
  ['explain', explainLine],
  ['audit', auditLine],
  ['schema', schemaLine],
  ['generate', generateLine],
]);

/** @param argv without the interpreter and the script; without a command, what is there is meant for `run` @throws UsageError */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const [first = '', ...rest] = argv;
  const isNamed = first !== '' && !first.startsWith('-');
  const read = isNamed ? COMMANDS.get(first) : runLine;
  const asked = asksAboutItself(argv);
  if (asked) return asked;
  if (!read) throw new UsageError(`unknown command "${first}"; known: ${[...COMMANDS.keys()].join(', ')}`);
  return read(isNamed ? rest : argv);
}

/** Wherever it stands, what helps goes before everything else. */
function asksAboutItself(argv: readonly string[]): CommandLine | undefined {
  if (argv.includes('--help') || argv.includes('-h')) return { command: 'help' };
  return argv.includes('--version') || argv.includes('-v') ? { command: 'version' } : undefined;
}

function schemaLine(argv: readonly string[]): CommandLine {
  noWords(readFlags(argv, {}).positionals);
  return { command: 'schema' };
}

function generateLine(argv: readonly string[]): CommandLine {
  const { values, positionals } = readFlags(argv, { check: { type: 'boolean', default: false } });
  noWords(positionals);
  return { command: 'generate', check: values.check };
}
