import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';

import { displayText } from '../core/display-text.js';
import { Events, type GatewayEvents } from '../core/events.js';
import { ROOT_LOGGER } from './root-logger.js';

type Finished = GatewayEvents['exchange.finished'];

/**
 * One line for each exchange: who, what, where, how long and how it ended; `warn` when the fault is not
 * the client's. Never params, results, headers or a session id.
 */
@Injectable()
export class AccessLog {
  constructor(
    events: Events,
    @Inject(ROOT_LOGGER) private readonly logger: Logger,
  ) {
    events.on('exchange.finished', (event) => this.onFinished(event));
  }

  private onFinished(event: Finished): void {
    const level = event.outcome.status >= 500 ? 'warn' : 'info';
    if (this.logger.isLevelEnabled(level)) this.logger[level](accessFields(event), 'exchange');
  }
}

/** The fields of the line. An undefined one is not written. */
function accessFields({ exchange, outcome }: Finished): object {
  const { server, target, method, peer } = exchange;
  return {
    request_id: exchange.id,
    method: displayText(method),
    // A URI may hold what a tool's name may not: only the latter is named.
    tool: target && method === 'tools/call' ? displayText(target.name) : undefined,
    route: exchange.route,
    upstream_group: server?.group ?? target?.group,
    upstream_server: server && `${server.group}/${server.server}`,
    status: outcome.status,
    reason: outcome.reason,
    latency: Math.round(outcome.latencyMs * 1_000) / 1_000,
    client_name: displayText(peer.info.name),
    client_revision: displayText(peer.revision),
  };
}
