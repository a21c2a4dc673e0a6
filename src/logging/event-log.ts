import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';

import { displayText } from '../core/display-text.js';
import { Events, type GatewayEvents, type ProblemReport } from '../core/events.js';
import type { ServerRef } from '../core/exchange.js';
import { ROOT_LOGGER } from './root-logger.js';

/** A line for what changes: servers, breakers, the configuration, connections. */
@Injectable()
export class EventLog {
  constructor(
    events: Events,
    @Inject(ROOT_LOGGER) private readonly logger: Logger,
  ) {
    events.on('server.changed', (event) => this.onServer(event));
    events.on('server.retired', (event) => logger.info(fieldsOf(event), 'server retired'));
    events.on('breaker.changed', (event) => this.onBreaker(event));
    events.on('config.applied', (event) => logger.info(event, 'configuration applied'));
    events.on('config.rejected', ({ problems }) => this.onRejected(problems));
    events.on('connection.opened', ({ transport }) => logger.debug({ transport }, 'connection opened'));
    events.on('connection.closed', ({ transport }) => logger.debug({ transport }, 'connection closed'));
    events.on('message.dropped', ({ where, why }) => logger.debug({ where, why }, 'message dropped'));
    events.on('message.tolerated', ({ where, why }) => logger.debug({ where, why }, 'message tolerated'));
  }

  private onServer(event: GatewayEvents['server.changed']): void {
    const { state } = event;
    const fields = fieldsOf(event);
    switch (state.kind) {
      case 'connecting':
        return this.logger.debug(fields, 'server connecting');
      case 'up':
        return this.logger.info(fields, 'server up');
      case 'down':
        return this.logger.warn({ ...fields, reason: displayText(state.reason, 256) }, 'server down');
      case 'draining':
        return this.logger.info(fields, 'server draining');
    }
  }

  private onBreaker(event: GatewayEvents['breaker.changed']): void {
    const level = event.state.kind === 'open' ? 'warn' : 'info';
    this.logger[level](fieldsOf(event), `breaker ${event.state.kind}`);
  }

  private onRejected(problems: readonly ProblemReport[]): void {
    for (const { file, line, column, key, message } of problems) {
      const place = [file, line, column].filter((part) => part !== undefined).join(':');
      this.logger.error({ file, line, column, key }, `configuration rejected: ${place}: ${key}: ${message}`);
    }
  }
}

function fieldsOf({ group, server }: ServerRef): object {
  return { upstream_group: group, upstream_server: `${group}/${server}` };
}
