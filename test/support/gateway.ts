import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

import { until } from './until.ts';

export const ROOT = resolve(import.meta.dirname, '../..');
/** Starts the bundle of this build, which is what `npm test` makes, or its modules where there is no bundle. */
export const BIN = join(ROOT, 'bin/mcp-gateway');
/** The same program as `npm start` has it: never the bundle. */
export const MODULES = join(ROOT, 'dist/main.js');

export type LogLine = Record<string, unknown> & { msg?: string };

/** The built gateway as a process of its own, on ports of its own. */
export class RunningGateway {
  readonly lines: LogLine[] = [];
  readonly stderr: string[] = [];

  constructor(
    readonly process: ChildProcess,
    readonly directory: string,
    readonly configFile: string,
  ) {
    createInterface({ input: process.stdout! }).on('line', (line) => this.lines.push(parseLine(line)));
    createInterface({ input: process.stderr! }).on('line', (line) => this.stderr.push(line));
  }

  get pid(): number {
    return this.process.pid!;
  }

  get url(): string {
    return String(this.line('listening')?.['mcp_http']);
  }

  get wsUrl(): string {
    return String(this.line('listening')?.['mcp_websocket']);
  }

  get adminUrl(): string {
    return String(this.line('listening')?.['admin']);
  }

  get metricsUrl(): string {
    return String(this.line('listening')?.['metrics']);
  }

  get origin(): string {
    return new URL(this.url).origin;
  }

  line(msg: string): LogLine | undefined {
    return this.lines.findLast((line) => line.msg === msg);
  }

  async json<T = Record<string, unknown>>(path: string): Promise<T> {
    const response = await fetch(new URL(path, this.url));
    return (await response.json()) as T;
  }

  /** Resolves when every server of every group is up. */
  async ready(withinMs = 15_000): Promise<this> {
    await until(
      async () => {
        const { groups } = await this.json<{ groups: { servers: { state: string }[] }[] }>('/api/v1/upstreams');
        return groups.every((group) => group.servers.every((server) => server.state === 'up'));
      },
      'all servers to be up',
      withinMs,
    );
    return this;
  }

  rewrite(toml: string): void {
    writeFileSync(this.configFile, toml);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const exited = once(this.process, 'exit');
      this.process.kill(signal);
      await exited;
    }
    rmSync(this.directory, { recursive: true, force: true });
    return this.process.exitCode;
  }
}

export interface GatewayOptions {
  readonly args?: readonly string[];
  /** How the configuration is handed over. */
  readonly flag?: '--config' | '--mcp-json';
  readonly env?: Readonly<Record<string, string>>;
  /** The program, where it is not the one that was built here. */
  readonly bin?: string;
  /** A command that starts the gateway, such as `prlimit`, with its arguments. */
  readonly under?: readonly string[];
}

/** What every test configuration begins with: ports that nobody else has. */
export const EPHEMERAL = `
[server]
port = 0
[metrics]
port = 0
`;

/** Tests ask the admin API again and again. */
const ADMIN_RATE = 'MCP_GATEWAY__ADMIN__REQUESTS_PER_MINUTE';

/** Starts the gateway with a configuration and resolves when it listens. */
export async function startGateway(
  toml: string,
  { args = [], bin = BIN, env = {}, flag = '--config', under = [] }: GatewayOptions = {},
): Promise<RunningGateway> {
  const directory = mkdtempSync(join(tmpdir(), 'mcp-gateway-'));
  const configFile = join(directory, 'gateway.toml');
  writeFileSync(configFile, toml);
  const [command = process.execPath, ...line] = [...under, process.execPath, bin, flag, configFile, ...args];
  const child = spawn(command, line, {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1', [ADMIN_RATE]: '1000000', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const gateway = new RunningGateway(child, directory, configFile);
  await until(
    () => gateway.line('listening') ?? gateway.process.exitCode !== null,
    'the gateway to listen',
    20_000,
  ).catch(async (late: unknown) => {
    // Whoever asked for it never gets to stop it.
    await gateway.stop('SIGKILL');
    throw late;
  });
  if (!gateway.line('listening')) {
    throw new Error(`the gateway did not start:\n${JSON.stringify(gateway.lines)}\n${gateway.stderr.join('\n')}`);
  }
  return gateway;
}

function parseLine(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { msg: line };
  }
}
