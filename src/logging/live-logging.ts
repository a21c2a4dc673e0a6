import { Inject, Injectable, Optional, type OnModuleDestroy } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import type { Logger } from 'pino';
import type { Subscription } from 'rxjs';

import { ConfigService } from '../config/index.js';
import { formOf, LogStream } from './log-stream.js';
import { LOGGING_OPTIONS, type LoggingOptions } from './logging-options.js';
import { LoggingSection } from './logging.section.js';
import { levelOf, ROOT_LOGGER } from './root-logger.js';

/** Applies `[logging]` whenever it changes. */
@Injectable()
export class LiveLogging implements OnModuleDestroy {
  private readonly subscription: Subscription;

  constructor(
    config: ConfigService,
    @Inject(ROOT_LOGGER) private readonly root: Logger,
    private readonly stream: LogStream,
    @Optional() @Inject(LOGGING_OPTIONS) private readonly options: LoggingOptions = {},
  ) {
    this.subscription = config.changes.subscribe(({ next }) => this.apply(next.get(LoggingSection)));
  }

  onModuleDestroy(): void {
    this.subscription.unsubscribe();
  }

  private apply(section: LoggingSection): void {
    const level = levelOf(section, this.options);
    this.root.level = level;
    // The logger of Express requests is a child, and a child keeps the level that it was born with.
    PinoLogger.root.level = level;
    this.stream.use(formOf(section, this.options));
  }
}
