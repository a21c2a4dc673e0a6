import { Injectable, type Provider } from '@nestjs/common';
import { InjectMetric, makeCounterProvider } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';

import { Events } from '../core/events.js';

const FAILURES = 'mcp_gateway_audit_failures_total';
const LOST = 'mcp_gateway_audit_records_lost_total';

/** Counts what goes wrong with the audit log. */
@Injectable()
export class AuditMetrics {
  constructor(events: Events, @InjectMetric(FAILURES) failures: Counter, @InjectMetric(LOST) lost: Counter) {
    failures.inc(0);
    lost.inc(0);
    events.on('audit.failed', (event) => {
      failures.inc();
      lost.inc(event.lost);
    });
  }
}

export const AUDIT_METRICS: Provider[] = [
  AuditMetrics,
  makeCounterProvider({ name: FAILURES, help: 'Times that the audit log could not be written.' }),
  makeCounterProvider({ name: LOST, help: 'Records that the audit log could not take.' }),
];
