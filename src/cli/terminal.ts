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
