import { existsSync } from 'node:fs';

import {
  type ConfigProblem,
  ConfigRejection,
  type ConfigSource,
  FileSource,
  formatProblem,
  McpJsonSource,
} from '../config/index.js';
import { GatewayError } from '../core/errors.js';
import type { runGateway, surveyTools, validateGateway } from '../start.js';
import type { ConfigFlags } from './line/flags.js';
import type { RunFlags } from './line/run.line.js';
import { UsageError } from './usage-error.js';
import { EXIT, type ExitCode, type Terminal } from './terminal.js';

const DEFAULT_FILES = ['config/gateway.toml', '/etc/mcp-gateway/config.toml'];

/** The gateway itself, as the command line needs it. */
export interface Gateway {
  readonly runGateway: typeof runGateway;
  readonly validateGateway: typeof validateGateway;
  readonly surveyTools: typeof surveyTools;
}

/** Starts the gateway, or only looks at its configuration. Undefined while the gateway runs. */
export async function run(terminal: Terminal, flags: RunFlags, gateway: Gateway): Promise<ExitCode | undefined> {
  const config = sourceOf(flags);
  const options = { config, dev: flags.dev, ...(flags.logLevel === undefined ? {} : { logLevel: flags.logLevel }) };
  try {
    if (flags.validate) return report(terminal, config, await gateway.validateGateway(options));
    await gateway.runGateway(options);
    return undefined;
  } catch (thrown) {
    return failed(terminal, config, thrown);
  }
}

/** Says why something could not be done. */
export function failed(terminal: Terminal, config: ConfigSource, thrown: unknown): ExitCode {
  if (thrown instanceof ConfigRejection) return report(terminal, config, thrown.problems);
  terminal.err(`mcp-gateway: ${describe(thrown)}`);
  return EXIT.failed;
}

/** The configuration that a command line names. @throws UsageError */
export function sourceOf({ config, mcpJson }: Partial<Pick<ConfigFlags, 'config' | 'mcpJson'>>): ConfigSource {
  if (mcpJson !== undefined) return new McpJsonSource(mcpJson);
  const file = config ?? DEFAULT_FILES.find((candidate) => existsSync(candidate));
  if (file === undefined)
    throw new UsageError(`no configuration: ${DEFAULT_FILES.join(' and ')} do not exist; use --config FILE`);
  return new FileSource(file);
}

/** Says what is wrong with a configuration, or that nothing is. */
export function report(terminal: Terminal, { name }: ConfigSource, problems: readonly ConfigProblem[]): ExitCode {
  if (problems.length === 0) {
    terminal.out(`${name}: ok`);
    return EXIT.ok;
  }
  for (const problem of problems) terminal.err(formatProblem(problem));
  return EXIT.failed;
}

/** What is expected to go wrong says it in a sentence; anything else shows where it came from. */
function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const foreseen = (thrown instanceof GatewayError && thrown.code !== 'gateway_fault') || 'code' in thrown;
  return foreseen ? thrown.message : (thrown.stack ?? thrown.message);
}
