import type { Writable } from 'node:stream';

/** Where a command writes and what it finds around it. */
export interface Terminal {
  out(line: string): void;
  err(line: string): void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether what is written to it may be coloured. */
  readonly hasColours?: boolean;
}

/** The terminal of this process. */
export const processTerminal: Terminal = {
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  environment: process.env,
  hasColours: process.stdout.isTTY && !process.env['NO_COLOR'],
};

/** How a process says how it went. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Settles when all that was written has left, or has nowhere to go: a process that ends before cuts off what a pipe had no room for. */
export function written(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    stream.once('error', () => resolve());
    stream.write('', () => resolve());
  });
}
