import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const STOP_WITHIN_MS = 10_000;
const KEPT_LINES = 40;

const running = new Set<OwnProcess>();

// However this process ends, it leaves none of the others behind.
process.once('exit', () => running.forEach((child) => child.kill()));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** A Node process that we start, and that is stopped when its owner's scope ends. */
export class OwnProcess implements AsyncDisposable {
  readonly pid: number;
  /** The first line on its standard output. Rejects if it ends without one. */
  readonly firstLine: Promise<string>;

  private readonly child: ChildProcessByStdio<null, Readable, Readable>;
  private readonly lastLines: string[] = [];

  constructor(script: string, args: readonly string[] = []) {
    this.child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.pid = this.child.pid ?? 0;
    running.add(this);

    const lines = createInterface(this.child.stdout);
    for (const source of [lines, createInterface(this.child.stderr)]) source.on('line', (line) => this.keep(line));

    this.firstLine = new Promise((resolve, reject) => {
      lines.once('line', resolve);
      this.child.once('close', () => reject(new Error(`${script} ended early:\n${this.output}`)));
    });
    this.firstLine.catch(() => undefined);
  }

  /** Whether it has ended. */
  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** The last lines that it wrote. */
  get output(): string {
    return this.lastLines.join('\n');
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
    running.delete(this);
  }

  private keep(line: string): void {
    this.lastLines.push(line);
    if (this.lastLines.length > KEPT_LINES) this.lastLines.shift();
  }
}
