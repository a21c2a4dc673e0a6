import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';

import { Events, type GatewayEvents } from '../core/events.js';
import { AccessLines } from './access-line.js';
import { LogStream } from './log-stream.js';
import { ROOT_LOGGER } from './root-logger.js';

/**
 * One line for each exchange: who, what, where, how long and how it ended; `warn` when the fault is not
 * the client's. Never params, results, headers or a session id.
 */
@Injectable()
export class AccessLog {
  private readonly lines: AccessLines;

  constructor(
    events: Events,
    @Inject(ROOT_LOGGER) private readonly logger: Logger,
    private readonly stream: LogStream,
  ) {
    this.lines = new AccessLines(logger);
    events.on('exchange.finished', (event) => this.onFinished(event));
  }

  private onFinished(event: GatewayEvents['exchange.finished']): void {
    const level = event.outcome.status >= 500 ? 'warn' : 'info';
    if (!this.logger.isLevelEnabled(level)) return;
    const block = this.stream.soon();
    if (block) this.lines.write(block, level, event);
    else this.stream.write(this.lines.line(level, event));
  }
}
