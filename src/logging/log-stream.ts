import { isatty } from 'node:tty';

import type { DestinationStream } from 'pino';
import { prettyFactory } from 'pino-pretty';

import type { LoggingOptions } from './logging-options.js';
import type { LoggingSection } from './logging.section.js';

export type LogForm = 'json' | 'readable';

/** Where lines go. */
export interface LineSink extends DestinationStream {
  /** A line that may wait a little, so that many are written at once; lines stay in order. */
  writeSoon?(line: string): void;
}

/** Log lines on their way out, as JSON or readable: switched while it runs. */
export class LogStream implements DestinationStream {
  private readonly prettify = prettyFactory({
    colorize: isatty(1) && !process.env['NO_COLOR'],
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid',
    singleLine: true,
  });
  private form: LogForm = 'json';

  constructor(private readonly destination: LineSink) {}

  use(form: LogForm): void {
    this.form = form;
  }

  write(line: string): void {
    this.destination.write(this.form === 'json' ? line : (this.prettify(line) ?? line));
  }

  /** A line of which there may be thousands a second. Somebody who reads along does not wait for it. */
  writeSoon(line: string): void {
    if (this.form === 'json' && this.destination.writeSoon) this.destination.writeSoon(line);
    else this.write(line);
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
