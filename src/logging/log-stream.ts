import { isatty } from 'node:tty';

import type { DestinationStream } from 'pino';
import { prettyFactory } from 'pino-pretty';

import type { LineBlock } from './line-block.js';
import type { LoggingOptions } from './logging-options.js';
import type { LoggingSection } from './logging.section.js';

export type LogForm = 'json' | 'readable';

/** Where lines go. */
export interface LineSink extends DestinationStream {
  /** Where to put a line that may wait a little, so that many are written at once; lines stay in order. */
  soon?(): LineBlock | undefined;
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

  /** Where to put a line of which there may be thousands a second. Undefined where somebody reads along, who is not to wait for it. */
  soon(): LineBlock | undefined {
    return this.form === 'json' ? this.destination.soon?.() : undefined;
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
