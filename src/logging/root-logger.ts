import { pino, symbols, type Logger, type LoggerOptions } from 'pino';

import type { LogStream } from './log-stream.js';
import type { LoggingOptions } from './logging-options.js';
import { LOG_LEVELS, type LogLevel, type LoggingSection } from './logging.section.js';
import { REDACTED_PATHS } from './redaction.js';

/** The pino logger that every line of the gateway is written by. */
export const ROOT_LOGGER = Symbol('RootLogger');

const OPTIONS = {
  timestamp,
  formatters: { level: (level: string) => ({ level }) },
  redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
} satisfies LoggerOptions;

let millisecond = 0;
let second = 0;
let upToSecond = '';
let written = '';

/** `time` as every line has it, ISO 8601. Written once a millisecond, and all but that once a second. */
export function timestamp(): string {
  const now = Date.now();
  if (now === millisecond) return written;
  millisecond = now;
  if (Math.floor(now / 1_000) !== second) {
    second = Math.floor(now / 1_000);
    upToSecond = new Date(now).toISOString().slice(0, -'123Z'.length);
  }
  written = `,"time":"${upToSecond}${String(now % 1_000).padStart(3, '0')}Z"`;
  return written;
}

/** Nothing at all: on the command line only, where somebody sees that there is nothing. */
const SILENT = 'silent';

export function createRootLogger(
  stream: LogStream,
  level: LogLevel | typeof SILENT,
  { worker }: LoggingOptions = {},
): Logger {
  const base = { pid: process.pid, ...(worker === undefined ? {} : { worker }) };
  return pino({ ...OPTIONS, base, level }, stream);
}

/** What stands in every line of a logger between its time and its fields, as pino writes it: `,"pid":1`. */
export function writtenBindings(logger: Logger): string {
  return (logger as unknown as Record<symbol, string>)[symbols.chindingsSym] as string;
}

/** `--log-level` first, then `[logging] level`. A level that does not exist is not taken. */
export function levelOf(section: LoggingSection, { level }: LoggingOptions): LogLevel | typeof SILENT {
  if (level === SILENT) return SILENT;
  return LOG_LEVELS.find((known) => known === level) ?? section.level;
}
