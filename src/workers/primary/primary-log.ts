import { isatty } from 'node:tty';

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
type Level = (typeof LEVELS)[number];

/** The few lines that the primary has to say, in the form that those of the workers have: it has no logger of its own. */
export class PrimaryLog {
  private level: string = 'info';

  /** As the configuration has it, once a worker has said so. */
  follow(level: string): void {
    this.level = level;
  }

  info(msg: string, fields: object = {}): void {
    this.write('info', msg, fields);
  }

  warn(msg: string, fields: object = {}): void {
    this.write('warn', msg, fields);
  }

  error(msg: string, fields: object = {}): void {
    this.write('error', msg, fields);
  }

  private write(level: Level, msg: string, fields: object): void {
    const least = LEVELS.indexOf(this.level as Level);
    if (LEVELS.indexOf(level) > least) return;
    const time = new Date().toISOString();
    const line = { level, time, pid: process.pid, worker: 'primary', context: 'Workers', ...fields, msg };
    const text = isatty(1) ? `[${time.slice(11, 23)}] ${level.toUpperCase()}: ${msg}` : JSON.stringify(line);
    process.stdout.write(`${text}\n`);
  }
}
