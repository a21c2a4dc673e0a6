import { Inject, Injectable, type LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

import type { LogLevel } from './logging.section.js';
import { ROOT_LOGGER } from './root-logger.js';

/** Where Nest tells how far it got with modules and routes. */
const PROGRESS = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'RouterExplorer',
  'RoutesResolver',
  'WebSocketsController',
]);

/** Behind every `Logger` of Nest. What Nest says of its own progress is written at `debug`. */
@Injectable()
export class FrameworkLogger implements LoggerService {
  constructor(@Inject(ROOT_LOGGER) private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write(PROGRESS.has(String(rest.at(-1))) ? 'debug' : 'info', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  /** Nest's convention: the context comes last, and before it a stack where there is one. */
  private write(level: LogLevel, message: unknown, rest: unknown[]): void {
    const context = rest.at(-1);
    const stack = rest.length > 1 ? rest[0] : undefined;
    if (message instanceof Error) this.logger[level]({ context, err: message });
    else if (typeof message === 'object' && message !== null) this.logger[level]({ context, ...message });
    else this.logger[level]({ context, stack }, String(message));
  }
}
