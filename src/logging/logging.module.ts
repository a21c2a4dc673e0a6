import { Global, Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import type { Logger } from 'pino';

import { ConfigService } from '../config/index.js';
import { CLOCK, type Clock } from '../core/clock.js';
import { AccessLog } from './access-log.js';
import { AuthLog } from './auth-log.js';
import { EventLog } from './event-log.js';
import { FrameworkLogger } from './framework.logger.js';
import { httpLogParams } from './http-log.js';
import { LiveLogging } from './live-logging.js';
import { formOf, LogStream } from './log-stream.js';
import { LOGGING_OPTIONS, type LoggingOptions } from './logging-options.js';
import { LoggingSection } from './logging.section.js';
import { createRootLogger, levelOf, ROOT_LOGGER } from './root-logger.js';
import { SHARED_WRITE_BYTES, StandardOutput } from './standard-output.js';

@Module({
  providers: [
    {
      provide: LogStream,
      inject: [CLOCK, { token: LOGGING_OPTIONS, optional: true }],
      useFactory: (clock: Clock, options: LoggingOptions = {}) => new LogStream(openStandardOutput(clock, options)),
    },
    {
      provide: ROOT_LOGGER,
      inject: [LogStream, ConfigService, { token: LOGGING_OPTIONS, optional: true }],
      useFactory: (stream: LogStream, config: ConfigService, options: LoggingOptions = {}) => {
        const section = config.get(LoggingSection);
        stream.use(formOf(section, options));
        return createRootLogger(stream, levelOf(section, options), options);
      },
    },
  ],
  exports: [LogStream, ROOT_LOGGER],
})
class RootLoggerModule {}

/** Logs: the logger for everybody to inject (`PinoLogger` of nestjs-pino), and the lines that events make. */
@Global()
@Module({
  imports: [
    RootLoggerModule,
    LoggerModule.forRootAsync({
      imports: [RootLoggerModule],
      inject: [ROOT_LOGGER],
      useFactory: (root: Logger) => httpLogParams(root),
    }),
  ],
  providers: [LiveLogging, AccessLog, AuthLog, EventLog, FrameworkLogger],
  exports: [RootLoggerModule, FrameworkLogger],
})
export class LoggingModule {}

function openStandardOutput(clock: Clock, { worker }: LoggingOptions): StandardOutput {
  const output = new StandardOutput(clock, undefined, worker === undefined ? undefined : SHARED_WRITE_BYTES);
  process.once('exit', () => output.finish());
  return output;
}
