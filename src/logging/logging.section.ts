import { IsBoolean, IsIn, IsOptional } from 'class-validator';

import { Doc, Section } from '../config/index.js';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

@Section('logging')
export class LoggingSection {
  @Doc('Least severe level that is written: fatal, error, warn, info, debug or trace.')
  @IsIn(LOG_LEVELS)
  readonly level: LogLevel = 'info';

  @Doc('Whether lines are JSON. Left out: JSON, but readable text on a terminal.', { example: true })
  @IsOptional()
  @IsBoolean()
  readonly structured: boolean | undefined = undefined;
}
