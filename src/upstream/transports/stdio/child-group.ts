import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

import type { Clock, Timer } from '../../../core/clock.js';
import { UnsentError } from '../../../core/errors.js';
import type { ServerSettings } from '../../server-settings.js';

const PASSED_ON = ['PATH', 'HOME', 'LANG', 'TZ'] as const;

/** How long a child may take to end by itself once its stdin is closed. */
const GRACE_MS = 2_000;
/** How long it may take after SIGTERM. */
const TERM_MS = 3_000;

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const living = new Set<ChildGroup>();

// Children of a detached group do not die with us by themselves.
process.on('exit', () => {
  for (const group of living) group.kill('SIGKILL');
});

/**
 * A command as a process group of its own: whatever it starts, such as the server behind an `npx`
 * wrapper, ends with it. No shell is involved, and of our environment it sees PATH, HOME, LANG and TZ.
 */
export class ChildGroup {
  private ended = false;
  private stopping: Promise<void> | undefined;
  private timer: Timer | undefined;

  private constructor(
    private readonly child: Child,
    private readonly clock: Clock,
    private readonly groupId: number,
  ) {
    living.add(this);
    child.once('exit', () => this.exited());
  }

  /** @throws `upstream_unavailable` as `UnsentError` when the command cannot be started */
  static async start(settings: ServerSettings, clock: Clock): Promise<ChildGroup> {
    let child: Child;
    try {
      child = spawn(settings.command ?? '', [...settings.args], {
        shell: false,
        detached: true,
        env: environment(settings.env),
        stdio: ['pipe', 'pipe', 'pipe'],
        ...(settings.cwd === undefined ? {} : { cwd: settings.cwd }),
      });
      await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    } catch (cause) {
      throw new UnsentError('upstream_unavailable', 'the server process could not be started', {}, { cause });
    }
    // From here on an error event says that a signal could not be sent; the exit tells us all we need.
    child.on('error', () => undefined);
    return new ChildGroup(child, clock, child.pid ?? 0);
  }

  get stdin(): Writable {
    return this.child.stdin;
  }

  get stdout(): Readable {
    return this.child.stdout;
  }

  get stderr(): Readable {
    return this.child.stderr;
  }

  /** Calls back once the child is gone. */
  onExit(callback: () => void): void {
    this.child.once('exit', callback);
  }

  /** Asks the child to end, then tells it, then makes it and everything it started end. */
  stop(): Promise<void> {
    return this.ended ? Promise.resolve() : (this.stopping ??= this.end());
  }

  /** Sends a signal to every process of the group that is left. */
  kill(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.groupId, signal);
    } catch {
      // Nobody is left in the group.
    }
  }

  private end(): Promise<void> {
    return new Promise((resolve) => {
      this.child.once('exit', () => resolve());
      this.child.stdin.end();
      this.timer = this.clock.after(GRACE_MS, () => {
        this.kill('SIGTERM');
        this.timer = this.clock.after(TERM_MS, () => this.kill('SIGKILL'));
      });
    });
  }

  private exited(): void {
    this.ended = true;
    this.timer?.cancel();
    this.kill('SIGKILL');
    living.delete(this);
  }
}

function environment(configured: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const passedOn = PASSED_ON.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(passedOn), ...configured };
}
