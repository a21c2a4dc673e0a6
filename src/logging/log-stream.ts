import { isatty } from 'node:tty';

import type { DestinationStream } from 'pino';
import { prettyFactory } from 'pino-pretty';

import type { LoggingOptions } from './logging-options.js';
import type { LoggingSection } from './logging.section.js';

export type LogForm = 'json' | 'readable';

/** Log lines on their way out, as JSON or readable: switched while it runs. */
export class LogStream implements DestinationStream {
  private readonly prettify = prettyFactory({
    colorize: isatty(1) && !process.env['NO_COLOR'],
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid',
    singleLine: true,
  });
  private form: LogForm = 'json';

  constructor(private readonly destination: DestinationStream) {}

  use(form: LogForm): void {
    this.form = form;
  }

  write(line: string): void {
    this.destination.write(this.form === 'json' ? line : (this.prettify(line) ?? line));
  }
}

/**
 * `--dev` first, then `[logging] structured`, then whether somebody is looking.
 *
 * @param isTerminal whether standard output is one
 */
export function formOf(
  { structured }: LoggingSection,
  { readable }: LoggingOptions,
  isTerminal: boolean = isatty(1),
): LogForm {
  return readable || !(structured ?? !isTerminal) ? 'readable' : 'json';
}
