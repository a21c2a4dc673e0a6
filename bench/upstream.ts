import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { EchoServer } from './gateways/gateway.ts';
import { nativeProgram } from './native/build.ts';
import { CORES, pinned } from './cores.ts';
import { Program } from './program.ts';
import type { Leg } from './scenarios/scenario.ts';

/** The echo server, listening in all ways at once. */
export class Upstream implements EchoServer, AsyncDisposable {
  readonly port: number;
  private readonly program: Program;
  private readonly directory: string;

  private constructor(program: Program, directory: string, port: number) {
    this.program = program;
    this.directory = directory;
    this.port = port;
  }

  /** Starts one, with its own echoing tools, or with so many tools whose names begin with a name. */
  static async start({ count, name } = { count: 0, name: 'echo' }): Promise<Upstream> {
    const directory = mkdtempSync(join(tmpdir(), 'bench-'));
    const options = ['--unix', join(directory, 'echo.sock'), '--tools', String(count), '--name', name];
    const program = new Program([nativeProgram('echo'), ...options], { core: CORES.measuring });
    const { port } = await program.nextReport<{ port: number }>();
    return new Upstream(program, directory, port);
  }

  url(transport: Exclude<Leg['transport'], 'stdio'>): string {
    return transport === 'unix'
      ? `unix://${join(this.directory, 'echo.sock')}`
      : `${transport}://127.0.0.1:${this.port}/mcp`;
  }

  /** The command that speaks over its standard streams. It leaves the core of whoever starts it. */
  static command(): readonly string[] {
    return pinned([nativeProgram('echo'), '--stdio'], CORES.measuring);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
