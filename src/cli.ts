import {
  type CommandLine,
  EXIT,
  type ExitCode,
  explain,
  type Gateway,
  generate,
  hashSecret,
  newKey,
  lock,
  parseCommandLine,
  printSchema,
  processTerminal,
  run,
  showHelp,
  showVersion,
  type Terminal,
  UsageError,
  verifyAudit,
  written,
} from './cli/index.js';
import { runGateway, surveyTools, validateGateway } from './start.js';

/** Does what a command line asks for. Settles with the exit code, or with undefined once the gateway runs. */
export async function runCommand(
  argv: readonly string[],
  terminal: Terminal,
  gateway: Gateway = { runGateway, surveyTools, validateGateway },
): Promise<ExitCode | undefined> {
  try {
    return await execute(parseCommandLine(argv), terminal, gateway);
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown;
    terminal.err(`mcp-gateway: ${thrown.message}`);
    terminal.err('Try: mcp-gateway --help');
    return EXIT.usage;
  }
}

async function execute(line: CommandLine, terminal: Terminal, gateway: Gateway): Promise<ExitCode | undefined> {
  switch (line.command) {
    case 'help':
      return showHelp(terminal);
    case 'version':
      return showVersion(terminal);
    case 'schema':
      return printSchema(terminal);
    case 'generate':
      return generate(terminal, { root: process.cwd(), check: line.check });
    case 'keys new':
      return newKey(terminal, line.name);
    case 'keys hash':
      return hashSecret(terminal, line.scrypt);
    case 'lock':
      return lock(terminal, line, gateway);
    case 'audit':
      return verifyAudit(terminal, line);
    case 'explain':
      return explain(terminal, line);
    case 'run':
      break;
  }
  return run(terminal, line, gateway);
}

/** The command line of this process. */
export async function main(argv: readonly string[]): Promise<void> {
  const code = await runCommand(argv, processTerminal);
  // A start that failed half-way may have left something open that would keep the process.
  if (code === undefined) return;
  await Promise.all([written(process.stdout), written(process.stderr)]);
  process.exit(code);
}
