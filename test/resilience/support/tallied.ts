import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { freePort } from '../../support/free-port.ts';
import { until } from '../../support/until.ts';

const PROGRAM = join(import.meta.dirname, 'tally-server.ts');

/** What must not outlive the tests, even those that fail. */
const leftovers = new Set<Tallied>();
afterAll(() => {
  for (const server of leftovers) server.discard();
});

export type UpstreamKind = 'stdio' | 'ws' | 'http';

export interface Note {
  readonly started?: number;
  readonly executed?: string;
  readonly id?: number;
  readonly pid?: number;
  readonly cancelled?: number;
}

/** A server of `tally-server.ts` and what it has written down. A stdio one is started by the gateway. */
export class Tallied {
  readonly notes = join(mkdtempSync(join(tmpdir(), 'tally-')), 'notes');
  private child: ChildProcess | undefined;

  private constructor(
    readonly kind: UpstreamKind,
    readonly port: number,
    private readonly traits: readonly string[],
  ) {
    writeFileSync(this.notes, '');
    leftovers.add(this);
  }

  static async prepare(kind: UpstreamKind, ...traits: string[]): Promise<Tallied> {
    return new Tallied(kind, kind === 'stdio' ? 0 : await freePort(), traits);
  }

  static async start(kind: UpstreamKind, ...traits: string[]): Promise<Tallied> {
    const server = await Tallied.prepare(kind, ...traits);
    await server.start();
    return server;
  }

  /** What stands in the configuration for it. @param port another way to it, such as a proxy */
  toml(id: string, port = this.port, group = 'default'): string {
    const head = `[[upstream.groups.${group}.servers]]\nid = "${id}"\n`;
    if (this.kind !== 'stdio') return `${head}url = "${this.kind}://127.0.0.1:${port}/mcp"\n`;
    return `${head}command = "node"\nargs = ${JSON.stringify([PROGRAM, ...this.args])}\n`;
  }

  get pid(): number {
    return this.kind === 'stdio' ? (this.read().findLast(({ started }) => started)?.started ?? 0) : this.child!.pid!;
  }

  read(): Note[] {
    const lines = readFileSync(this.notes, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Note);
  }

  executions(key: string): number {
    return this.read().filter(({ executed }) => executed === key).length;
  }

  async start(): Promise<void> {
    if (this.kind === 'stdio') return;
    this.child = spawn(process.execPath, [PROGRAM, ...this.args], { stdio: 'ignore' });
    await until(() => isOpen(this.port), 'the server to listen');
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** Ends it and forgets what it has written down. */
  discard(): void {
    this.child?.kill('SIGKILL');
    rmSync(dirname(this.notes), { recursive: true, force: true });
  }

  private get args(): string[] {
    return [this.kind, String(this.port), this.notes, ...this.traits];
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).on('error', () => resolve(false));
  });
}

/** Whether a process is there and not a zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
