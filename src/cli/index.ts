export { type CommandLine, parseCommandLine, UsageError } from './command-line.js';
export { generate, staleFiles } from './generate.command.js';
export { showHelp, showVersion } from './help.command.js';
export { hashSecret, newKey } from './keys.command.js';
export { lock } from './lock.command.js';
export { type Gateway, run } from './run.command.js';
export { printSchema } from './schema.command.js';
export { EXIT, type ExitCode, processTerminal, type Terminal } from './terminal.js';
