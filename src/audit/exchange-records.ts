import { Injectable } from '@nestjs/common';

import { Events, type GatewayEvents } from '../core/events.js';
import type { Exchange } from '../core/exchange.js';
import { Asked } from './asked.js';
import { type AuditEntry, outcomeOf } from './audit-entry.js';
import { AuditLog } from './audit-log.js';
import type { AuditSection } from './audit.section.js';

/** Failures that say that somebody was kept from something. What a rate limit held up is sampled elsewhere. */
const DENIALS: ReadonlySet<string> = new Set([
  'access_denied',
  'arguments_invalid',
  'auth_insufficient_scope',
  'auth_invalid',
  'auth_required',
]);

/** What only asks what there is. */
const ASKS_ONLY = /(?:^ping|\/list)$/;

/** Records what clients do, as far as the policy wants it. */
@Injectable()
export class ExchangeRecords {
  /** Denials that were recorded when they were decided. */
  private readonly denied = new WeakSet<Exchange>();

  constructor(
    private readonly events: Events,
    private readonly log: AuditLog,
    private readonly asked: Asked,
  ) {}

  /** Begins to listen, where there is something to hear. Returns how to stop. */
  listen({ data, lists }: AuditSection): readonly (() => void)[] {
    if (data === 'none') return [];
    const finished = data === 'all' ? this.ofAll(lists) : this.ofDenied;
    return [this.events.on('access.denied', this.ofDecision), this.events.on('exchange.finished', finished)];
  }

  private readonly ofDecision = ({ exchange, why }: GatewayEvents['access.denied']): void => {
    this.denied.add(exchange);
    this.log.record({ event: 'access.denied', ...this.of(exchange), outcome: 'refused', reason: why });
  };

  private readonly ofDenied = (event: GatewayEvents['exchange.finished']): void => {
    const { reason } = event.outcome;
    if (reason !== undefined && DENIALS.has(reason) && !this.denied.has(event.exchange)) this.finished(event);
  };

  private ofAll(lists: boolean): (event: GatewayEvents['exchange.finished']) => void {
    return (event) => {
      if (lists || !ASKS_ONLY.test(event.exchange.method)) this.finished(event);
    };
  }

  private finished({ exchange, outcome: { status, reason, latencyMs } }: GatewayEvents['exchange.finished']): void {
    const outcome = outcomeOf(status, reason);
    this.log.record({ event: 'exchange.finished', ...this.of(exchange), outcome, status, reason, latencyMs });
  }

  private of(exchange: Exchange): Omit<AuditEntry, 'at' | 'event'> {
    const { principal, method, route, server, target, clientAddress, id } = exchange;
    const policy = this.log.policy?.arguments ?? 'none';
    return {
      principal,
      action: method,
      object: this.asked.objectOf(exchange),
      route,
      group: server?.group ?? target?.group,
      server: server?.server,
      clientAddress,
      requestId: id,
      ...this.asked.argumentsOf(exchange, policy),
    };
  }
}
