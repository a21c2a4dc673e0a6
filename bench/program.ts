import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';

import { pinned } from './cores.ts';

const STOP_WITHIN_MS = 10_000;

const running = new Set<Program>();

// However this process ends, it leaves none of the others behind.
process.once('exit', () => running.forEach((program) => program.kill()));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** How a program is started. */
export interface ProgramOptions {
  /** The core that it is kept on, with everything that it starts. */
  readonly core?: number | undefined;
  /** A file that its output is appended to; otherwise its lines are read, and its errors shown. */
  readonly log?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** A program that we start, and that is stopped when its owner's scope ends. */
export class Program implements AsyncDisposable {
  readonly pid: number;
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string> | undefined;
  private readonly reader: Interface | undefined;

  constructor(command: readonly string[], { core, log, env }: ProgramOptions = {}) {
    const [file = '', ...args] = pinned(command, core);
    const fd = log === undefined ? undefined : openSync(log, 'a');
    const stdio = fd === undefined ? (['pipe', 'pipe', 'inherit'] as const) : (['ignore', fd, fd] as const);
    this.child = spawn(file, args, { stdio: [...stdio], env: { ...process.env, ...env } });
    if (fd !== undefined) closeSync(fd);

    this.pid = this.child.pid ?? 0;
    this.child.on('error', (error) => console.error(`${file}: ${error.message}`));
    if (this.child.stdout) {
      this.reader = createInterface(this.child.stdout);
      this.lines = this.reader[Symbol.asyncIterator]();
    }
    running.add(this);
  }

  /** Whether it has ended. */
  get ended(): boolean {
    return this.pid === 0 || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /**
   * The next line of its output, which is JSON.
   *
   * @throws Error if it ends without one
   */
  async nextReport<Report>(): Promise<Report> {
    const next = await this.lines?.next();
    if (next === undefined || next.done) throw new Error(`${this.child.spawnargs.join(' ')} ended early`);
    return JSON.parse(next.value) as Report;
  }

  /** Writes a line to its input. */
  tell(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  /** Ends it without a word. */
  kill(): void {
    this.child.kill('SIGKILL');
  }

  /** Asks it to stop, and ends it if it does not. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.ended) {
      const impatience = setTimeout(() => this.kill(), STOP_WITHIN_MS);
      this.child.kill('SIGTERM');
      await once(this.child, 'exit');
      clearTimeout(impatience);
    }
    this.reader?.close();
    running.delete(this);
  }
}

/** Whether a program is on the path. */
export function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program]).status === 0;
}
